"""Two jobs and one core: what can be done at the same time?

Run:  python examples/work/work_overlap.py
See:  as in Rust, and with a global lock as without: on one core two threads
      that compute gain nothing anyway, and a wait costs no core.

The server is the Rust example's, in a process of its own on 127.0.0.1. It
needs cargo, or LAB_EXAMPLE=target/debug/examples/work_overlap once it is built.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.ask import ask, chain
from lab_os import stay_on, stay_on_one_core

DELAY_MS = 20
SERVER = lab.Server("work_overlap")


def main():
    experiment = lab.Experiment(
        "work_overlap", "Two jobs on one core: which pairs overlap?")
    for case, label, jobs in [
            ("compute", "both compute", [compute, compute]),
            ("mixed", "one computes, one waits", [compute, wait]),
            ("wait", "both wait", [wait, wait])]:
        experiment.case(case, label)
        experiment.variant("alone", "sequential", "one after another",
                           lambda run, j=jobs: on_one_core(run, sequential, j))
        experiment.variant("thread", "threads", "two threads, " + label,
                           lambda run, j=jobs: on_one_core(run, threads, j))
    return experiment.run()


def compute():
    """Some 60 ms of computing, as long as the waits."""
    x = 1
    for _ in range(10000):
        x = chain(x, 64)
    return x


def wait():
    return sum(ask(SERVER.address, n, DELAY_MS) for n in range(3))


def sequential(run, jobs):
    run.start_clock()
    return sum(job() for job in jobs)


def threads(run, jobs):
    return sum(run.together(2, lambda i: jobs[i]()))


def on_one_core(run, way, jobs):
    """Threads inherit the place of the thread that starts them."""
    _ = SERVER.address  # it starts now, and on all cores
    every = stay_on_one_core()
    answer = way(run, jobs)
    run.stop_clock()
    stay_on(every)
    return answer


if __name__ == "__main__":
    sys.exit(main())
