"""A broken lock and two right ones: does trying them out tell which is which?

Run:  python examples/sharing/lock_broken.py
See:  the lock that looks first and takes afterwards loses additions where two
      threads really run at once, as in Jython and free-threaded builds. Under
      a global lock it may pass every trial, and is wrong all the same:
      examples/sharing/lock_model.py finds it.
"""

import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

if sys.version_info[0] == 2:
    range = xrange  # Python 2 would make a list of it

THREADS = 2
# By each thread.
TURNS = 50000


def main():
    experiment = lab.Experiment(
        "lock_broken",
        "Does trying a lock many times tell whether it is right?",
        baseline="park")
    experiment.observed()
    for name, label, lock in [
            ("broken_check", "looks, then takes", CheckThenSet),
            ("park", "threading.Lock", threading.Lock)]:
        experiment.variant(
            "thread", name, label,
            lambda run, new=lock: turns(run, new()))
    return experiment.run()


class CheckThenSet(object):
    """Broken: two threads can be inside at once."""

    def __init__(self):
        self.taken = False

    def __enter__(self):
        while self.taken:
            pass
        # Whoever looks now sees a free lock too.
        self.taken = True

    def __exit__(self, *_):
        self.taken = False


def turns(run, lock):
    shared = [0]

    def body(_):
        for _ in range(TURNS):
            with lock:
                # A call between reading and writing, so that a turn can end
                # there whatever the interpreter.
                shared[0] = shared[0] + int(1)

    run.together(THREADS, body)
    lost = 1 - shared[0] / float(THREADS * TURNS)
    run.metric("lost_share", lost)
    return "nothing lost" if lost == 0 else "additions lost"


if __name__ == "__main__":
    sys.exit(main())
