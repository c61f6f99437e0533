"""The programs of our own interpreter, in Python's: what do threads gain?

Run:  python examples/global_lock/gil_own.py
See:  under a global lock two threads gain nothing for the computation and
      nearly two for the naps. `cargo book measure gil_own --python all` has
      builds without the lock, and interpreters with a lock each, beside it.
"""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

try:
    from concurrent.futures import InterpreterPoolExecutor
except ImportError:  # before 3.14
    InterpreterPoolExecutor = None


def main():
    experiment = lab.Experiment(
        "gil_own",
        "One global lock, a lock each, or atomic counts: what gains what?")
    for case, label, job in [
            ("compute", "two computations that share nothing", chain),
            ("sleep", "two jobs of six naps of 5 ms", naps)]:
        experiment.case(case, label)
        experiment.variant("alone", "sequential", "one after another",
                           lambda run, job=job: sequential(job))
        experiment.variant("thread", "threads", "2 threads",
                           lambda run, job=job: threads(run, job))
        if InterpreterPoolExecutor is not None:
            experiment.variant("thread", "interpreters", "a lock each",
                               lambda run, job=job: interpreters(run, job))
    return experiment.run()


def chain(_=None):
    x, i = 1, 0
    while i < 300000:
        x = x * 48271 % 2147483647
        i += 1
    return x


def naps(_=None):
    slept, i = 0, 0
    while i < 6:
        time.sleep(0.005)
        slept += 5
        i += 1
    return slept


def sequential(job):
    return "%d %d" % (job(), job())


def threads(run, job):
    return "%d %d" % tuple(run.together(2, lambda _: job()))


def interpreters(run, job):
    with InterpreterPoolExecutor(2) as pool:
        # Time for both to start, and to load this program.
        list(pool.map(ready, range(2)))
        run.start_clock()
        answers = tuple(pool.map(job, range(2)))
        run.stop_clock()
    return "%d %d" % answers


def ready(_):
    time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
