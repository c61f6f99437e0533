"""A service that computes for a millisecond and waits twice for ten, at 50 to
110 % of what the machine can do. Which arrangement answers how fast?

Run:  python examples/mixing/mix_service.py
See:  under a global lock threads and a loop have one core, and past half of the
      load they fall behind. A loop in each of as many processes as there are
      cores, or threads in them, keep up until all cores are busy; so do
      interpreters (3.14), and threads where there is no global lock. A pool of
      processes beside one loop leaves the loop free, and costs a call for each
      piece of computing.

What 100 % is, is measured first: by threads in as many processes as there are
cores. The client is a process of the Rust example's; see mix_service.rs. Needs
Python 3.9, and a system that hands open files down.
"""

import functools
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common import service

RATIO = 20
LENGTH_S = 0.300
IN_TIME_S = 0.050
THREADS = 42  # for each core
KEEP_UP = ("loops", "processes", "interpreters")


def main():
    experiment = lab.Experiment(
        "mix_service", "A request that computes and waits: who serves it best?",
        baseline="threads")
    if os.name != "posix":
        sys.exit("mix_service: processes that share a socket, Unix only")
    for load in (50, 90, 100, 110):
        experiment.case(str(load), "% of what the machine can do")
        for kind, name, says, way, processes in ways():
            if load == 110 and name not in KEEP_UP:
                continue  # past what they can do long before
            experiment.variant(
                kind, name, says,
                lambda run, load=load, way=way, processes=processes:
                play(run, load, way, processes), slow=load >= 100)
    experiment.child("serve", service.child)
    return experiment.run()


# ANCHOR: ways
def ways():
    """Kind, name, how it is called; what a process does, and whether there is
    one for each core, or something in it is."""
    one = [("thread", "threads", "threads", "threads", False),
           ("task", "asyncio", "asyncio", "asyncio", False),
           ("thread", "to_thread", "asyncio, to_thread", "to_thread", False)]
    many = [
        ("process", "loops", "a loop in each process", "asyncio", True),
        ("process", "processes", "threads in each process", "threads", True),
        ("process", "pool", "a process pool beside asyncio", "pool", None)]
    if service.FREE:
        return one[::2]
    if service.INTERPRETERS:
        return many[:1] + [("process", "interpreters",
                            "a loop in each interpreter", "interpreters",
                            None)]
    return one + many
# ANCHOR_END: ways


def play(run, load, way, for_each_core):
    rate = capacity(run.threads) * load / 100.0
    job = service.job_of_ratio(RATIO)
    load = service.as_open(rate, LENGTH_S, IN_TIME_S)
    with started(run.threads, way, for_each_core, job) as serving:
        run.start_clock()
        seen = service.sent("mix_service", serving, job, load)
        run.stop_clock()
    run.elsewhere()
    for name, value in seen.items():
        run.metric(name, value)
    run.metric("offered", rate)
    return "each request was answered"


def started(cores, way, for_each_core, job):
    """With as many threads in all, wherever they are."""
    if for_each_core is None:
        return service.Service(way, 1, cores, job)
    if for_each_core:
        return service.Service(way, cores, THREADS, job)
    return service.Service(way, 1, THREADS * cores, job)


@functools.lru_cache(maxsize=None)
def capacity(cores):
    """How many in a second can be served at all; found out once."""
    job = service.job_of_ratio(RATIO)
    closed = service.as_closed(THREADS * cores, 0.8)
    with started(cores, "threads", not service.FREE, job) as serving:
        seen = service.sent("mix_service", serving, job, closed)
    return seen["throughput"]


if __name__ == "__main__":
    sys.exit(main())
