"""One call for a pool of threads and for a pool of processes: how far can the
caller ignore which of them it has?

Run:  python examples/processes/process_same_call.py
See:  the same call gives the same answers, as long as a job is a function that
      has a name and its arguments can be pickled. A lambda cannot be sent to
      another process, nor can a lock. A change that a job makes is seen by
      the caller only if the job ran in a thread.

Processes are spawned, as on macOS and Windows. Needs Python 3.7; where there
is InterpreterPoolExecutor (3.14), it is asked as well.
"""

import multiprocessing
import os
import sys
import threading
from concurrent import futures

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

NUMBERS = range(5)
SEEN = []


def main():
    experiment = lab.Experiment(
        "process_same_call", "Can one call serve threads and processes?",
        baseline="threads")
    experiment.observed()
    for case, label, observe in [
            ("function", "squares of five numbers", function),
            ("lambda", "the same, by a lambda", a_lambda),
            ("lock", "jobs that are handed a lock", a_lock),
            ("change", "five jobs that append to a list", change)]:
        experiment.case(case, label)
        for kind, name, label, executor in executors():
            experiment.variant(
                kind, name, label,
                lambda run, o=observe, e=executor: watched(run, o, e))
    return experiment.run()


def executors():
    spawn = multiprocessing.get_context("spawn")
    found = [("thread", "threads", "ThreadPoolExecutor",
              lambda: futures.ThreadPoolExecutor(2)),
             ("process", "processes", "ProcessPoolExecutor",
              lambda: futures.ProcessPoolExecutor(2, mp_context=spawn))]
    if hasattr(futures, "InterpreterPoolExecutor"):
        found.append(("thread", "interpreters", "InterpreterPoolExecutor",
                      lambda: futures.InterpreterPoolExecutor(2)))
    return found


# ANCHOR: cases
def square(n):
    return n * n


def function(pool):
    squares = list(pool.map(square, NUMBERS))
    return squares == [0, 1, 4, 9, 16], str(squares)


def a_lambda(pool):
    squares = list(pool.map(lambda n: n * n, NUMBERS))
    return squares == [0, 1, 4, 9, 16], str(squares)


def with_lock(lock, n):
    with lock:
        return n * n


def a_lock(pool):
    squares = list(pool.map(with_lock, [threading.Lock()] * 5, NUMBERS))
    return squares == [0, 1, 4, 9, 16], str(squares)


def note(n):
    SEEN.append(n)


def change(pool):
    SEEN.clear()
    list(pool.map(note, NUMBERS))
    return len(SEEN) == 5, "the caller sees %d of 5 changes" % len(SEEN)
# ANCHOR_END: cases


def watched(run, observe, executor):
    run.elsewhere()
    with executor() as pool:
        try:
            # The same call, whichever pool it is.
            worked, answer = observe(pool)
        except Exception as refusal:
            worked, answer = False, type(refusal).__name__
    run.metric("worked", worked)
    return answer


if __name__ == "__main__":
    sys.exit(main())
