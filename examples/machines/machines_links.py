"""How long does a job take over several hosts, by what is between them?

Run:  python examples/machines/machines_links.py
See:  a task is asked for, what it needs is fetched, and its end is told: dask
      waits for the others more often than timely, and each wait has the delay
      in it. Over a slow link, what counts is how many bytes are sent.

What is between the hosts, and between each host and the scheduler, is a process
of the Rust example. Needs a Unix and dask.distributed; the loop alone does
without.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common import dask_hosts, events
from common.links import Links

SLOW = 12500000


def main():
    experiment = lab.Experiment(
        "machines_links",
        "How long does a job over several hosts take, by what is between them?",
        baseline="plain")
    for us, name in ((0, "0"), (500, "0.5"), (5000, "5"), (50000, "50")):
        experiment.case(name, "ms of delay")
        experiment.variant("alone", "plain", "a loop", plain)
        if dask_hosts.DASK:
            experiment.variant("process", "hosts_2", "2 hosts, all at once",
                               lambda run, us=us: over(run, False, us))
    experiment.case("slow", "100 Mbit/s, 0.5 ms")
    experiment.variant("alone", "plain", "a loop", plain)
    if dask_hosts.DASK:
        experiment.variant("process", "hosts_2", "2 hosts, all at once",
                           lambda run: over(run, False, 500, SLOW))
        experiment.variant(
            "process", "hosts_2_combined", "2 hosts, combined first",
            lambda run: over(run, True, 500, SLOW))
    return experiment.run()


def plain(run):
    events.log()
    run.start_clock()
    windows = events.plain()
    run.stop_clock()
    return events.answer(windows)


# ANCHOR: over
def over(run, combined, delay_us, bytes_per_s=0):
    links = Links(delay_us, bytes_per_s)
    try:
        with dask_hosts.Hosts(2, through=links.to) as hosts:
            return hosts.run(run, dask_hosts.whole(combined))
    finally:
        links.end()
# ANCHOR_END: over


if __name__ == "__main__":
    sys.exit(main())
