"""What does a store into a list cost, beside a load?

Run:  python examples/order/order_cost.py
See:  hardly more, though a build without the global lock takes the list's own
      lock to store, and none to load. In Python there is no ordering to choose.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

if sys.version_info[0] == 2:
    range = xrange  # Python 2 would make a list of it

MANY = 200000


def main():
    experiment = lab.Experiment(
        "order_cost", "What do stronger orderings cost?", baseline="relaxed")
    experiment.case("store", "a store, one thread")
    experiment.variant("alone", "list", "an item of a list", store)
    experiment.case("load", "a load, one thread")
    experiment.variant("alone", "list", "an item of a list", load)
    return experiment.run()


# ANCHOR: steps
def store(run):
    numbers = [0]
    run.start_clock()
    for i in range(MANY):
        numbers[0] = i
    done(run)
    return "all done" if numbers[0] == MANY - 1 else "lost"


def load(run):
    numbers, seen = [1], None
    run.start_clock()
    for _ in range(MANY):
        seen = numbers[0]
    done(run)
    return "all done" if seen == 1 else "lost"
# ANCHOR_END: steps


def done(run):
    run.stop_clock()
    run.metric("each_ns", run.elapsed() * 1e9 / MANY)


if __name__ == "__main__":
    sys.exit(main())
