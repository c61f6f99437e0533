"""A thread that waits for an echo, beside one that computes: how late is it?

Run:  python examples/global_lock/gil_convoy.py
See:  alone, an echo takes little more than its 1 ms. Under a global lock and
      beside a thread that computes, it takes a switch interval more, whatever
      the interval is. In a free-threaded build it does not.

The cases are switch intervals in microseconds. The echo comes from another
process, after 1 ms: an instant echo would be there before the lock is gone.
Python 3.2 or later.
"""

import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

INTERVALS_US = [100, 500, 1000, 5000, 20000]
ECHOES = 100


def main():
    if not hasattr(sys, "setswitchinterval"):
        sys.exit("gil_convoy: needs Python 3.2 or later")
    experiment = lab.Experiment(
        "gil_convoy",
        "How long does an echo of 1 ms take beside a thread that computes?",
        baseline="idle")
    for us in INTERVALS_US:
        experiment.case(str(us), "switch interval in microseconds")
        experiment.variant("alone", "idle", "alone",
                           lambda run, us=us: measure(run, us, beside=False))
        experiment.variant("thread", "beside", "beside a thread",
                           lambda run, us=us: measure(run, us, beside=True))
    experiment.child("echo", lambda _: echo())
    return experiment.run()


# ANCHOR: echoes
def echoes(to, back):
    took = []
    for _ in range(ECHOES):
        began = lab.clock()
        os.write(to, b"x")
        os.read(back, 1)
        took.append((lab.clock() - began) * 1e6)
    return sorted(took)


def spin(done):
    i = 0
    while len(done) < 1:
        i += 1
# ANCHOR_END: echoes


def measure(run, interval_us, beside):
    usual = sys.getswitchinterval()
    child = subprocess.Popen(lab.rerun_self("echo"), stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
    to, back = child.stdin.fileno(), child.stdout.fileno()
    os.read(back, 1)  # it is there
    done = []

    def work(i):
        if i == 1:
            return spin(done)
        took = echoes(to, back)
        done.append(True)
        return took

    sys.setswitchinterval(interval_us / 1e6)
    try:
        took = run.together(2 if beside else 1, work)[0]
    finally:
        sys.setswitchinterval(usual)
    child.communicate()
    run.metric("median_us", took[len(took) // 2])
    run.metric("p99_us", took[len(took) * 99 // 100 - 1])
    return len(took)


def echo():
    """The other end: gives each byte back, 1 ms later."""
    byte = b"r"
    while byte:
        os.write(1, byte)
        byte = os.read(0, 1)
        time.sleep(0.001)


if __name__ == "__main__":
    sys.exit(main())
