"""What does a distributed engine cost on one machine, and from how many workers
on is it quicker than a plain loop?

Run:  python examples/machines/machines_cost.py
See:  here an event costs a hundred times as much as in Rust, and the engine
      beside it little: what dask takes is a few milliseconds for each task and
      message. So two processes are quicker than the loop, and two hosts may be.

Processes are forked, and hosts are processes. Needs a Unix; without
dask.distributed its variants are left out.
"""

import multiprocessing
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common import dask_hosts, events

FORK = hasattr(os, "fork")
# Fewer than in Rust, where a step takes a twentieth of the time.
HEAVY = 3


def main():
    experiment = lab.Experiment(
        "machines_cost",
        "From how many workers on is an engine quicker than a plain loop?",
        baseline="plain")
    for case, label, steps in (
            ("light", "an event is a number added", 0),
            ("heavy", "each takes some steps to be understood", HEAVY)):
        experiment.case(case, label)
        add(experiment, steps)
    return experiment.run()


def add(experiment, steps):
    experiment.variant("alone", "plain", "one thread, a loop",
                       lambda run: plain(run, steps))
    for n in (1, 2, 4) if FORK else ():
        experiment.variant("process", "processes_%d" % n,
                           "a pool of %d processes" % n,
                           lambda run, n=n: in_processes(run, n, steps))
    for n in (1, 2, 4) if dask_hosts.DASK else ():
        experiment.variant("process", "hosts_%d" % n, "dask, %d hosts" % n,
                           lambda run, n=n: on_hosts(run, n, steps, False))
    if dask_hosts.DASK:
        experiment.variant("process", "hosts_2_combined",
                           "the same, combined first, 2 hosts",
                           lambda run: on_hosts(run, 2, steps, True))


def plain(run, steps):
    events.log()
    run.start_clock()
    windows = events.plain(steps)
    run.stop_clock()
    return told(run, events.answer(windows))


def told(run, answer):
    each = run.elapsed() / (events.WINDOWS * events.PER_WINDOW)
    run.metric("each_ns", each * 1e9)
    return answer


# ANCHOR: pool
def in_processes(run, n, steps):
    run.elsewhere()
    events.log()  # there before the fork
    with multiprocessing.get_context("fork").Pool(n) as pool:
        pool.map(abs, range(2 * n))  # now all of them are there
        run.start_clock()
        jobs = [(window, steps) for window in range(events.WINDOWS)]
        windows = pool.map(window_of, jobs, chunksize=1)
        run.stop_clock()
    return told(run, events.answer(windows))


def window_of(job):
    window, steps = job
    part = events.parse(events.log()[window], steps)
    return events.join([events.count(part)])
# ANCHOR_END: pool


def on_hosts(run, n, steps, combined):
    with dask_hosts.Hosts(n) as hosts:
        return told(run, hosts.run(run, dask_hosts.whole(combined, steps)))


if __name__ == "__main__":
    sys.exit(main())
