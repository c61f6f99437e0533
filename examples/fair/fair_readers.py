"""A lock that lets many readers in, or one writer. Readers come and go so that
somebody is always inside. When does the writer get in?

Run:  python examples/fair/fair_readers.py
See:  under the lock as it is often written, a writer waits until the readers
      stop. If a reader waits as soon as a writer does, the writer waits for
      those who are inside.

Python's standard library has no such lock; this one is made of a Condition. A
reader is inside for a millisecond, asleep, as if it read from a disk.
"""

import os
import sys
import threading
import time
from contextlib import contextmanager

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

LENGTH_S = 0.060
READS_S, READER_RESTS_S = 0.001, 0.0001
WRITER_RESTS_S = 0.002


def main():
    experiment = lab.Experiment(
        "fair_readers", "Many readers or one writer: who is kept out?",
        baseline="readers")
    for n in [2, 4, 8]:
        experiment.case(str(n), "readers, and a writer")
        for name, label, first in [("readers", "readers first", False),
                                   ("writers", "writers first", True)]:
            experiment.variant(
                "thread", name, label,
                lambda run, n=n, first=first: play(run, n, ReadWrite(first)))
    return experiment.run()


# ANCHOR: lock
class ReadWrite(object):
    def __init__(self, writers_first):
        self.changed = threading.Condition()
        self.readers, self.writers_waiting = 0, 0
        self.writers_first = writers_first

    @contextmanager
    def reading(self):
        with self.changed:
            while self.writers_first and self.writers_waiting:
                self.changed.wait()
            self.readers += 1
        try:
            yield
        finally:
            with self.changed:
                self.readers -= 1
                self.changed.notify_all()

    @contextmanager
    def writing(self):
        with self.changed:  # and has it until it leaves
            self.writers_waiting += 1
            while self.readers:
                self.changed.wait()
            self.writers_waiting -= 1
            self.changed.notify_all()  # they wait until we leave
            yield
# ANCHOR_END: lock


def play(run, readers, lock):
    gate = run.gate(readers + 1)
    tallies = {}
    ends = []

    def flow(name, ask, comes, inside, rests):
        gate.wait()
        ends.append(lab.clock() + LENGTH_S)
        time.sleep(comes)
        tallies[name] = turns(ends[0], ask, inside, rests)

    threads = [threading.Thread(target=flow, args=(
        i, lock.reading, READS_S * i / readers, READS_S, READER_RESTS_S))
        for i in range(readers)]
    threads.append(threading.Thread(target=flow, args=(
        "writer", lock.writing, WRITER_RESTS_S, 0, WRITER_RESTS_S)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.stop_clock()
    writes, writer_worst = tallies.pop("writer")
    run.metric("reads", sum(times for times, _ in tallies.values()))
    run.metric("reader_worst_ms",
               max(worst for _, worst in tallies.values()) * 1e3)
    run.metric("writes", writes)
    run.metric("writer_worst_ms", writer_worst * 1e3)
    return "who waited had a turn in the end"


def turns(end, ask, inside, rests):
    times, worst, clock = 0, 0, lab.clock
    while True:
        asked = clock()
        if asked >= end:
            return times, worst
        with ask():
            times, worst = times + 1, max(worst, clock() - asked)
            if inside:
                time.sleep(inside)
        time.sleep(rests)


if __name__ == "__main__":
    sys.exit(main())
