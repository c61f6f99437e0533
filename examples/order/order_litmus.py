"""Litmus tests in Python: is there an outcome that no interleaving allows?

Run:  python examples/order/order_litmus.py
See:  none, in either of them. Under the global lock threads take turns. A build
      without it stores into a list under the list's own lock.
"""

import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

MANY = 20000
# How many steps of nothing a thread may come later than the other.
SKEW = 6
# A machine on which nobody gets a turn gives fewer trials, and ends. Seconds.
LONGEST = 0.25
# Under the global lock threads that met before each trial would wait for turns.
LOCKED = getattr(sys, "_is_gil_enabled", lambda: True)()


def main():
    experiment = lab.Experiment(
        "order_litmus",
        "Which outcomes that no interleaving allows does this machine show?",
        baseline="none")
    experiment.observed()
    experiment.case("sb", "store x, read y | store y, read x")
    experiment.variant("thread", "list", "items of lists",
                       lambda run: outcomes(run, store_buffering, (0, 0)))
    experiment.case("mp", "store x, store y | read y, read x")
    experiment.variant("thread", "list", "items of lists",
                       lambda run: outcomes(run, message_passing, (1, 0)))
    return experiment.run()


# ANCHOR: programs
def store_buffering(i, x, y):
    if i == 0:
        x[0] = 1
        return (y[0], 0)
    y[0] = 1
    return (0, x[0])


def message_passing(i, x, y):
    if i == 0:
        x[0] = 1
        y[0] = 1
        return (0, 0)
    flag = y[0]
    return (flag, x[0])
# ANCHOR_END: programs


def outcomes(run, act, weak):
    """Tries a program, and notes how often each outcome came of it."""
    numbers = [[0] for _ in range(2 * MANY)]
    random.shuffle(numbers)  # their places in memory
    came, over = [[-1], [-1]], []
    latest = time.time() + LONGEST

    def meet(i, trial):
        """Both come, wait for each other, and then for a random moment."""
        if i == 0 and trial % 64 == 0 and time.time() > latest:
            over.append(True)
        came[i][0] = trial
        looked, other = 0, came[1 - i]
        while other[0] < trial and not over:
            looked += 1
            if looked > 5000:
                time.sleep(0)  # gives way
        for _ in range(skews[i][trial]):
            pass

    def trials(i):
        if not LOCKED:
            keep_apart(i)
        seen = []
        for trial in range(MANY):
            if not LOCKED:
                meet(i, trial)
            if over:
                break
            seen.append(act(i, numbers[2 * trial], numbers[2 * trial + 1]))
        return seen

    skews = [[random.randrange(SKEW) for _ in range(MANY)] for _ in "xy"]
    pairs = often(lambda: zip(*run.together(2, trials)))
    read = [(one[0] + other[0], one[1] + other[1]) for one, other in pairs]
    run.metric("trials", len(read))
    run.metric("weak", 1e6 * read.count(weak) / len(read))
    for saw in ((0, 0), (0, 1), (1, 0), (1, 1)):
        run.metric("saw_%d%d_share" % saw, read.count(saw) / float(len(read)))
    return "seen" if weak in read else "not seen"


def keep_apart(i):
    """Gives each thread a core of its own, where that can be said."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, [cores[i % len(cores)]])


def often(work):
    """Does the work, and has threads take turns as often as can be."""
    if not hasattr(sys, "setswitchinterval"):  # Python 2
        return work()
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        return work()
    finally:
        sys.setswitchinterval(before)


if __name__ == "__main__":
    sys.exit(main())
