"""Three threads on one core. The one of low priority holds a lock, the one of
high priority wants it, and the one in the middle wants neither: it computes for
10, 40 or 100 ms. How long does the high one wait?

Run:  python examples/fair/fair_priority.py
See:  with real-time priorities the high one waits for the middle one, as long
      as that computes: threading.Lock lends nothing, and a global lock, which
      is asked back after 5 ms, is no help.

Needs Linux and the right to real-time priorities; without it only ordinary
threads are measured.
"""

import os
import sys
import threading

try:
    from queue import Queue
except ImportError:  # Python 2
    from Queue import Queue

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.turns import spin
from lab_os import stay_on

HOLDS_S = 0.010
LOW, MIDDLE, HIGH = 1, 2, 3


def main():
    allowed = may_be_realtime()
    if not allowed:
        sys.stderr.write("fair_priority: no right to real-time priorities\n")
    experiment = lab.Experiment(
        "fair_priority",
        "How long does a high priority wait for a low one's lock?",
        baseline="ordinary")
    for ms in [10, 40, 100]:
        experiment.case(str(ms), "ms that the middle one computes")
        experiment.variant("thread", "ordinary", "no priorities",
                           lambda run, ms=ms: play(run, ms / 1e3, False))
        if allowed:
            experiment.variant("thread", "lock", "threading.Lock",
                               lambda run, ms=ms: play(run, ms / 1e3, True))
    return experiment.run()


def fifo(priority):
    """For the calling thread only."""
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(priority))


def may_be_realtime():
    """Tried by a thread that ends at once."""
    may = []

    def ask():
        try:
            fifo(LOW)
            may.append(True)
        except (AttributeError, OSError):
            pass

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return bool(may)


# ANCHOR: play
def play(run, hog, realtime):
    lock, gate = threading.Lock(), run.gate(3)
    ready, to_middle, to_high, waited = Queue(), Queue(), Queue(), Queue()

    def enter(priority):
        one_core()
        gate.wait()  # awake, so nobody has a priority before
        if realtime:
            fifo(priority)

    def low():
        enter(LOW)
        ready.get(), ready.get()
        with lock:
            to_high.put(lab.clock())  # it runs at once, until it waits
            to_middle.put("go")  # and so does it
            spin(HOLDS_S)

    def middle():
        enter(MIDDLE)
        ready.put("here")
        to_middle.get()
        spin(hog)

    def high():
        enter(HIGH)
        ready.put("here")
        asked = to_high.get()  # it may have waited for a global lock, too
        with lock:
            waited.put(lab.clock() - asked)

    threads = [threading.Thread(target=one) for one in (low, middle, high)]
# ANCHOR_END: play
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.metric("waited_ms", waited.get() * 1e3)
    return "all three came to their end"


def one_core():
    if hasattr(os, "sched_getaffinity"):
        stay_on([max(os.sched_getaffinity(0))])


if __name__ == "__main__":
    sys.exit(main())
