"""Requests come by chance, from half of what a server can do to a third more. How
long does each take, and how many are answered in time?

Run:  python examples/overload/overload_load.py
See:  at nine tenths of its capacity the slowest of a hundred take many times as
      long as at half. Past it nearly all are answered too late; with a limit on
      what is in flight the server goes on to answer as many in time as it can.

A request takes half a millisecond, by a timer. Client and server are threads.
"""

import os
import queue
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.desk import Desk, quantile

SERVICE_S = 0.0005
LENGTH_S = 0.300
IN_TIME_S = 0.010  # later is too late
MOST = 16  # in flight: they are served within that time


def main():
    experiment = lab.Experiment(
        "overload_load",
        "From half of the load to too much: how long does a request take?",
        baseline="none")
    for load in (50, 90, 130):
        experiment.case(str(load), "% of what the server can do")
        for name, says, most in [("none", "no limit", 1 << 30),
                                 ("limit", "16 in flight", MOST)]:
            experiment.variant(
                "thread", name, says,
                lambda run, load=load, most=most: play(run, load, most))
    return experiment.run()


def arrivals(load):
    """When requests are due: by chance, each without regard to the others."""
    due, everything = 0, []
    while True:
        due += random.expovariate(load / 100.0 / SERVICE_S)
        if due >= LENGTH_S:
            return everything
        everything.append(due)


def sleep_until(then):
    left = then - lab.clock()
    if left > 0:
        time.sleep(left)


class Limit(object):
    """How many are in flight, and how many may be."""

    def __init__(self, most):
        self.most, self.in_flight, self.lock = most, 0, threading.Lock()

    def enter(self):
        with self.lock:
            if self.in_flight >= self.most:
                return False
            self.in_flight += 1
            return True

    def leave(self):
        with self.lock:
            self.in_flight -= 1


def play(run, load, most):
    due_after, limit = arrivals(load), Limit(most)
    asked, times, in_time = queue.SimpleQueue(), [], []
    gate = run.gate(2)

    def serve():
        gate.wait()
        end, desk = lab.clock() + LENGTH_S, Desk(SERVICE_S)
        for came, due in iter(asked.get, None):
            sleep_until(desk.done(came))
            limit.leave()
            now = lab.clock()
            times.append(now - due)
            if now <= end and now - due <= IN_TIME_S:
                in_time.append(due)

    server = threading.Thread(target=serve)
    server.start()
    gate.wait()
    began = lab.clock()
    for after in due_after:
        sleep_until(began + after)  # whatever has become of those before it
        if limit.enter():
            asked.put((lab.clock(), began + after))
    asked.put(None)
    server.join()
    run.stop_clock()
    run.metric("p50_ms", quantile(times, 0.5) * 1e3)
    run.metric("p99_ms", quantile(times, 0.99) * 1e3)
    run.metric("goodput", len(in_time) / LENGTH_S)
    run.metric("refused_share", 1 - len(times) / float(len(due_after)))
    return "each request was answered or refused"


if __name__ == "__main__":
    sys.exit(main())
