"""One lock and one, two or eight threads that want it: what does each turn
cost?

Run:  python examples/sharing/lock_contended.py
See:  alone, `with lock` adds more than a hundred nanoseconds to a turn. How
      much more it is with two threads depends on the interpreter: under a
      global lock threads rarely meet at another, without it they meet all the
      time.

The turns are shared out among the threads; a turn adds one to a number.
"""

import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

if sys.version_info[0] == 2:
    range = xrange  # Python 2 would make a list of it

TURNS = 400000


def main():
    experiment = lab.Experiment(
        "lock_contended",
        "What does a turn cost when several threads want the same lock?",
        baseline="mutex")
    for threads in [1, 2, 8]:
        experiment.case(str(threads), "threads that want the lock")
        experiment.variant(
            "thread", "unshared", "a number for each thread",
            lambda run, n=threads: turns(run, n, unshared))
        experiment.variant(
            "thread", "mutex", "threading.Lock",
            lambda run, n=threads: turns(run, n, mutex))
    return experiment.run()


# ANCHOR: turns
def mutex(times, shared):
    lock = shared["lock"]
    for _ in range(times):
        with lock:
            shared["number"] += 1


def unshared(times, shared):
    mine = {"number": 0}
    for _ in range(times):
        mine["number"] += 1
    with shared["lock"]:
        shared["number"] += mine["number"]
# ANCHOR_END: turns


def turns(run, threads, body):
    shared = {"lock": threading.Lock(), "number": 0}
    run.together(threads, lambda _: body(TURNS // threads, shared))
    run.metric("each_ns", run.elapsed() * 1e9 / TURNS)
    if shared["number"] != TURNS:
        raise RuntimeError("a turn was lost")
    return "every turn counted"


if __name__ == "__main__":
    sys.exit(main())
