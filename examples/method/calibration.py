"""Work whose answer is known before: what does the lab say of it?

Run:  python examples/method/calibration.py
See:  a sleep as long as it was asked for, twice the work at half the speed,
      one percent more told apart from none, and two variants that slow down
      alike still alike.
"""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

STEPS = 200000


def main():
    experiment = lab.Experiment(
        "calibration", "Does the lab find what was planted?", baseline="spin")
    experiment.observed()
    for name, label, work in [
            ("empty", "nothing at all", lambda run: 0),
            ("sleep", "a sleep of 5 ms", lambda run: time.sleep(0.005)),
            ("spin", "a chain of steps", lambda run: spin(STEPS)),
            ("again", "the same once more", lambda run: spin(STEPS)),
            ("one_percent", "1 % more steps",
             lambda run: spin(STEPS + STEPS // 100)),
            ("double", "twice the steps", lambda run: spin(2 * STEPS)),
            ("drift", "1 % more steps with each run", drifting()),
            ("drift_too", "likewise", drifting())]:
        experiment.variant("alone", name, label, work)
    return experiment.run()


def spin(steps):
    """Each step needs the one before, and the answer needs them all."""
    x = 1
    for _ in range(steps):
        x = x * 48271 % 2147483647
    return x


def drifting():
    runs = []

    def work(run):
        runs.append(run)
        return spin(STEPS + STEPS // 100 * len(runs))
    return work


if __name__ == "__main__":
    sys.exit(main())
