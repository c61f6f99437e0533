"""A stack that threads share: what does a lock around a list cost?

Run:  python examples/order/order_stack.py
See:  a list alone is quicker than with a lock around it. Its `pop` and `append`
      are each done whole, with the global lock and without, so every way keeps
      all values.
"""

import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

# How often each thread takes a value and puts it back.
TURNS = 50000
# How many values the stack has.
VALUES = 16

lock = threading.Lock()


def main():
    experiment = lab.Experiment(
        "order_stack",
        "A stack that threads share: what do a lock, a tag and epochs cost?",
        baseline="mutex")
    for threads, label in ((1, "one thread"), (2, "two threads")):
        experiment.case(str(threads), label)
        experiment.variant("thread", "mutex", "a lock around a list",
                           lambda run, n=threads: turns(run, n, locked))
        experiment.variant("thread", "list", "a list",
                           lambda run, n=threads: turns(run, n, unlocked))
    return experiment.run()


# ANCHOR: turns
def locked(values):
    for _ in range(TURNS):
        with lock:
            value = values.pop()
        with lock:
            values.append(value)


def unlocked(values):
    for _ in range(TURNS):
        values.append(values.pop())
# ANCHOR_END: turns


def turns(run, threads, work):
    """Each thread takes a value and puts it back, again and again. At the end
    all of them must be there, each once."""
    values = list(range(VALUES))
    run.together(threads, lambda _: work(values))
    run.stop_clock()
    run.metric("pair_ns", run.elapsed() * 1e9 / (threads * TURNS))
    return "%d values, %d different" % (len(values), len(set(values)))


if __name__ == "__main__":
    sys.exit(main())
