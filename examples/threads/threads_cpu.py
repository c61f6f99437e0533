"""Arithmetic in threads: do two of them compute twice as fast as one?

Run:  python examples/threads/threads_cpu.py
See:  with a global lock (CPython, PyPy) threads gain nothing: the speed-up
      stays near 1 and the CPU column near 100 %, since one thread at a time
      runs Python code. A free-threaded build (3.13t, 3.14t) has no such lock,
      and its threads gain. Some 2 s a round; --quick takes fewer rounds.

The work is one piece for each worker, and the same as in threads_cpu.rs.
"""

import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

if sys.version_info[0] == 2:
    range = xrange  # Python 2 would make a list of it


def main():
    experiment = lab.Experiment(
        "threads_cpu", "Do two threads compute twice as fast as one?")
    chain_label = "each step waits for the step before"
    lanes_label = "eight chains side by side, as many steps"
    for case, label, piece in [("chain", chain_label, chain),
                               ("lanes", lanes_label, lanes)]:
        experiment.case(case, label)
        experiment.variant("alone", "sequential", "one after another",
                           lambda run, p=piece: sequential(run, p))
        experiment.variant("thread", "threads", "threading.Thread",
                           lambda run, p=piece: threads(run, p))
    return experiment.run()


# ANCHOR: variants
def sequential(run, piece):
    return sum(piece(i) for i in range(run.threads))


def threads(run, piece):
    answers = [None] * run.threads
    gate = run.gate(run.threads)

    def work(i):
        gate.wait()  # the last one to come starts the clock
        answers[i] = piece(i)

    workers = [threading.Thread(target=work, args=(i,))
               for i in range(run.threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(answers)
# ANCHOR_END: variants


STEPS = 2000000


def chain(i):
    """The generator of Park and Miller, each step on the result of the last.

    The loop holds nothing that another thread holds too.
    """
    x = i + 1
    for _ in range(STEPS):
        x = x * 48271 % 0x7fffffff
    return x


def lanes(i):
    x = [8 * i + lane + 1 for lane in range(8)]
    for _ in range(STEPS // 8):
        x = [y * 48271 % 0x7fffffff for y in x]
    return sum(x)


if __name__ == "__main__":
    sys.exit(main())
