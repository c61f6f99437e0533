"""The same few hundred pieces of work, one after another: does each take as
long as the next?

Run:  python examples/threads/threads_neighbor.py
See:  on a core of your own next to no slow pieces. An interpreter keeps a core
      as busy as the wide work of threads_neighbor.rs does, so on a hardware
      thread whose core somebody else uses too, some of its pieces are slow. If
      those beside another process all are, the two have one core between them.

The neighbor is a process: beside a thread of its own, a Python with a global
lock would mostly wait for the lock.
"""

import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

PIECES = 250
# A piece is slow that takes so many times as long as the quickest tenth.
SLOW = 1.4

clock = getattr(time, "perf_counter", time.time)


def main():
    experiment = lab.Experiment(
        "threads_neighbor",
        "Does each piece of the same work take as long as the next?",
        baseline="alone")
    experiment.case("bytecode", "an interpreter at work")
    experiment.variant("alone", "alone", "on an idle machine", alone)
    experiment.variant("process", "beside", "beside a process that computes",
                       beside)
    experiment.child("neighbor", neighbor)
    return experiment.run()


# ANCHOR: pieces
def alone(run):
    return tell(run, timed())


def beside(run):
    child = subprocess.Popen(lab.rerun_self("neighbor"),
                             stdout=subprocess.PIPE)
    try:
        child.stdout.readline()  # it computes
        run.start_clock()
        pieces = timed()
        run.stop_clock()
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    return tell(run, pieces)


def timed():
    """How long each piece took, in seconds, and their sum."""
    took, total = [], 0
    for _ in range(PIECES):
        began = clock()
        total += piece()
        took.append(clock() - began)
    return took, total
# ANCHOR_END: pieces


def tell(run, pieces):
    took, total = pieces
    took.sort()
    quick = took[PIECES // 10]
    slow = sum(1 for t in took if t > SLOW * quick)
    run.metric("quick_us", quick * 1e6)
    run.metric("slow_share", float(slow) / PIECES)
    return total


def neighbor(_):
    sys.stdout.write(".\n")
    sys.stdout.flush()
    end = clock() + 60  # should nobody end it
    while clock() < end:
        piece()


def piece():
    x = 1
    for _ in range(10000):
        x = x * 48271 % 0x7fffffff
    return x


if __name__ == "__main__":
    sys.exit(main())
