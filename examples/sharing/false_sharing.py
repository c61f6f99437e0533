"""Two threads, a counter each, nothing shared: does it matter where the
counters lie?

Run:  python examples/sharing/false_sharing.py
See:  under a global lock it makes no difference, since only one thread runs. In
      a free-threaded build two slots of one list cost more: the threads meet at
      the list. Two lists made one after the other are now and then in each
      other's way as well, since they may lie in one line of cache.

Python does not say where a number lies in memory. What two threads can share
without meaning to is an object.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

if sys.version_info[0] == 2:
    range = xrange  # Python 2 would make a list of it

# By each thread.
ADDITIONS = 200000


def main():
    experiment = lab.Experiment(
        "false_sharing",
        "Two threads, a counter each: does it matter where they lie?",
        baseline="adjacent")
    experiment.variant("thread", "one_list", "two slots of one list", one_list)
    experiment.variant("thread", "adjacent", "two lists made together",
                       adjacent)
    experiment.variant("thread", "padded", "two lists far apart", padded)
    experiment.variant("thread", "local", "added up apart", local)
    return experiment.run()


# ANCHOR: counters
def one_list(run):
    counters = [0, 0]
    both(run, [lambda: count(counters, 0), lambda: count(counters, 1)])
    return counted(sum(counters))


def adjacent(run):
    one, other = [0], [0]
    return apart(run, one, other)


def padded(run):
    lists = [[0] for _ in range(100)]
    return apart(run, lists[0], lists[-1])


def apart(run, one, other):
    both(run, [lambda: count(one, 0), lambda: count(other, 0)])
    return counted(one[0] + other[0])


def count(counters, i):
    for _ in range(ADDITIONS):
        counters[i] += 1


def local(run):
    counters = [0, 0]

    def add_up(i):
        mine = 0
        for _ in range(ADDITIONS):
            mine += 1
        counters[i] = mine  # once

    both(run, [lambda: add_up(0), lambda: add_up(1)])
    return counted(sum(counters))
# ANCHOR_END: counters


def counted(total):
    if total != 2 * ADDITIONS:
        raise RuntimeError("an addition was lost")
    return "every addition counted"


def both(run, bodies):
    run.together(2, lambda i: bodies[i]())
    # By both together, as in lock_contended.
    run.metric("each_ns", run.elapsed() * 1e9 / (2 * ADDITIONS))


if __name__ == "__main__":
    sys.exit(main())
