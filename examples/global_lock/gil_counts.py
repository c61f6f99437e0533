"""What it costs to count a reference up and down, and whether it comes out
right.

Run:  python examples/global_lock/gil_counts.py
See:  no count is lost: under a global lock, because one thread at a time
      counts; in a free-threaded build, because another thread's references are
      counted atomically. There a shared object costs each thread more than one
      of its own. A step includes the interpreter's loop.

CPython only: the others do not count references.
"""

import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

if sys.version_info[0] == 2:
    range = xrange  # Python 2 would make a list of it

TIMES = 2000000


def main():
    if not hasattr(sys, "getrefcount"):
        sys.exit("gil_counts: only CPython counts references")
    experiment = lab.Experiment(
        "gil_counts", "What does it cost to count a reference up and down?",
        baseline="plain")
    experiment.variant("alone", "plain", "one thread", plain)
    experiment.variant("thread", "apart", "2 threads, an object each", apart)
    experiment.variant("thread", "shared", "2 threads, one object", shared)
    return experiment.run()


def take_and_drop(thing):
    for _ in range(TIMES):
        reference = thing  # counts up
        reference = None   # counts down
    return reference


def plain(run):
    return timed(run, one_of_its_own)


def apart(run):
    return timed(run, lambda: two_threads(one_of_its_own))


def shared(run):
    thing = object()
    before = sys.getrefcount(thing)
    timed(run, lambda: two_threads(lambda: take_and_drop(thing)))
    return sys.getrefcount(thing) - before + 1


def one_of_its_own():
    thing = object()
    before = sys.getrefcount(thing)
    take_and_drop(thing)
    return sys.getrefcount(thing) - before + 1


def two_threads(work):
    """Returns what the last to end says."""
    said = []
    workers = [threading.Thread(target=lambda: said.append(work()))
               for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return said[-1]


def timed(run, work):
    run.start_clock()
    began = lab.clock()
    answer = work()
    took = lab.clock() - began
    run.stop_clock()
    run.metric("each_ns", took * 1e9 / TIMES)
    return answer


if __name__ == "__main__":
    sys.exit(main())
