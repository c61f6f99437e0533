"""Two threads on two cores, one lock. Each holds it for a tenth of a
millisecond, lets go, and takes it again at once. Does the other get a turn?

Run:  python examples/fair/fair_greedy.py
See:  before 3.13.1, with the global lock, nearly all turns are one thread's, and
      the other waits as long as this goes on; `time.sleep(0)` in between helps
      as much as it lets the other one run. Since then, and without the global
      lock, who has waited for a millisecond is handed the lock.
"""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.turns import threads

INSIDE_S = 0.0001
LENGTH_S = 0.060


def main():
    experiment = lab.Experiment(
        "fair_greedy",
        "A thread lets go of a lock and takes it again: whose turn is it?",
        baseline="lock")
    experiment.variant("thread", "lock", "threading.Lock", greedy)
    experiment.variant("thread", "lock_sleep", "sleep(0) in between", sleeping)
    experiment.variant("thread", "lock_outside", "as long outside", outside)
    return experiment.run()


# ANCHOR: greedy
def greedy(run):
    return threads(run, 2, INSIDE_S, 0, LENGTH_S, apart=True)


def sleeping(run):
    return threads(run, 2, INSIDE_S, 0, LENGTH_S, lambda: time.sleep(0), True)


def outside(run):
    return threads(run, 2, INSIDE_S, INSIDE_S, LENGTH_S, apart=True)
# ANCHOR_END: greedy


if __name__ == "__main__":
    sys.exit(main())
