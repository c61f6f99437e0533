"""A server stands still for a sixth of the time. What does a load generator say
of it?

Run:  python examples/overload/overload_omission.py
See:  one that waits for each answer before it asks again has one slow answer
      among some hundred quick ones, and says that all is well. One that asks
      when it is due, or counts from when it was due, has dozens.

The server takes half a millisecond for each, by a timer, and stops for 50 ms.
Somebody asks each millisecond, for 300.
"""

import os
import queue
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.desk import Desk, quantile

SERVICE_S = 0.0005
EVERY_S = 0.001
LENGTH_S = 0.300
STOPS_S = (0.100, 0.150)


def main():
    experiment = lab.Experiment(
        "overload_omission",
        "A server stops for a while: what does a load generator say of it?",
        baseline="closed")
    experiment.variant("thread", "closed", "asks when answered",
                       lambda run: play(run, closed))
    experiment.variant("thread", "counted", "counts from when due",
                       lambda run: play(run, counted))
    experiment.variant("thread", "open", "asks when due",
                       lambda run: play(run, opened))
    return experiment.run()


# ANCHOR: loops
def closed(began, ask, answers):
    """Asks, waits for the answer, rests, and asks again."""
    times = []
    while lab.clock() < began + LENGTH_S:
        ask(lab.clock())
        times.append(answers.get())
        time.sleep(EVERY_S - SERVICE_S)
    return times


def counted(began, ask, answers):
    """Waits for the answer, too, but knows when it should have asked."""
    times = []
    for i in range(int(LENGTH_S / EVERY_S)):
        due = began + i * EVERY_S
        sleep_until(due)
        ask(due)
        times.append(answers.get())
    return times


def opened(began, ask, answers):
    """Asks when it is due, whatever has been answered."""
    count = int(LENGTH_S / EVERY_S)
    for i in range(count):
        due = began + i * EVERY_S
        sleep_until(due)
        ask(due)
    return [answers.get() for _ in range(count)]
# ANCHOR_END: loops


def sleep_until(then):
    left = then - lab.clock()
    if left > 0:
        time.sleep(left)


def play(run, client):
    asked, answers = queue.SimpleQueue(), queue.SimpleQueue()

    def ask(since):
        asked.put((lab.clock(), since))

    gate = run.gate(2)

    def serve():
        gate.wait()
        began = lab.clock()
        desk = Desk(SERVICE_S, [began + at for at in STOPS_S])
        for came, since in iter(asked.get, None):
            sleep_until(desk.done(came))
            answers.put(lab.clock() - since)

    server = threading.Thread(target=serve)
    server.start()
    gate.wait()
    times = client(lab.clock(), ask, answers)
    asked.put(None)
    server.join()
    run.stop_clock()
    run.metric("asked", len(times))
    run.metric("p50_ms", quantile(times, 0.5) * 1e3)
    run.metric("p99_ms", quantile(times, 0.99) * 1e3)
    run.metric("worst_ms", max(times) * 1e3)
    run.metric("slow", sum(1 for each in times if each > 0.010))
    return "each was answered"


if __name__ == "__main__":
    sys.exit(main())
