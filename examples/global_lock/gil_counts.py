"""What it costs to count a reference up and down, and whether it comes out
right.

Run:  python examples/global_lock/gil_counts.py
See:  no count is lost: under a global lock, because one thread at a time
      counts; in a free-threaded build, because another thread's references are
      counted atomically. There a shared object costs each thread more than one
      of its own. `given` tells what of that is the atomic counting alone: each
      thread has an object to itself, but neither has made it. A step includes
      the interpreter's loop.

CPython only: the others do not count references.
"""

import os
import sys

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
    experiment.variant("thread", "given",
                       "2 threads, an object each, made by a third", given)
    experiment.variant("thread", "shared", "2 threads, one object", shared)
    return experiment.run()


def take_and_drop(thing):
    for _ in range(TIMES):
        reference = thing  # counts up
        reference = None   # counts down
    return reference


def plain(run):
    run.start_clock()
    answer = one_of_its_own()
    run.stop_clock()
    note_each(run)
    return answer


def apart(run):
    return two_threads(run, one_of_its_own)


def given(run):
    things = far_apart()
    before = sys.getrefcount(things[0])
    run.together(2, lambda which: take_and_drop(things[which]))
    note_each(run)
    return sys.getrefcount(things[0]) - before + 1


def far_apart():
    """Two objects of this thread's, in no line of cache together, nor in two
    that are fetched as a pair."""
    things = [object()]
    while abs(id(things[0]) - id(things[-1])) < 256:
        things.append(object())
    return things[0], things[-1]


def shared(run):
    thing = object()
    before = sys.getrefcount(thing)
    two_threads(run, lambda: take_and_drop(thing))
    return sys.getrefcount(thing) - before + 1


def one_of_its_own():
    thing = object()
    before = sys.getrefcount(thing)
    take_and_drop(thing)
    return sys.getrefcount(thing) - before + 1


def two_threads(run, work):
    """Returns what the last one says."""
    answers = run.together(2, lambda _: work())
    note_each(run)
    return answers[-1]


def note_each(run):
    """For one thread; two of them do it side by side."""
    run.metric("each_ns", run.elapsed() * 1e9 / TIMES)


if __name__ == "__main__":
    sys.exit(main())
