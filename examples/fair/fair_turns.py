"""Two or eight threads take short turns at a lock, with as much to do outside.
How even are the turns, and what does it cost to make them so?

Run:  python examples/fair/fair_turns.py
See:  with the global lock the turns are as even as that hands over: threads
      that wait for it have theirs by the switch interval, 5 ms each. Without
      it, threads meet at the lock itself.

Ten microseconds under the lock, and ten outside.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.turns import threads

INSIDE_S = OUTSIDE_S = 0.000010


def main():
    experiment = lab.Experiment(
        "fair_turns", "How even are the turns at a lock, and what does that "
        "cost?", baseline="lock")
    for n in [2, 8]:
        experiment.case(str(n), "threads that want the lock")
        experiment.variant(
            "thread", "lock", "threading.Lock",
            lambda run, n=n: threads(run, n, INSIDE_S, OUTSIDE_S,
                                     0.020 + 0.004 * n))
    return experiment.run()


if __name__ == "__main__":
    sys.exit(main())
