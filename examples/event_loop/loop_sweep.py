"""From replies at once to replies after 200 ms: threads for fast I/O, tasks for
slow?

Run:  python examples/event_loop/loop_sweep.py
See:  a hundred requests in a thread each and in a task each, in twenty threads
      and in twenty tasks, for seven delays. Look where the curves cross, if
      they do.

Needs Python 3.7. The server is the Rust example's; it needs cargo, or
LAB_EXAMPLE=target/debug/examples/loop_sweep once it is built.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "lab", "python"))
import lab
from common import asking

DELAYS_MS = (0, 1, 2, 5, 20, 50, 200)
REQUESTS = 100
WORKERS = 20


def main():
    server = lab.Server("loop_sweep", "serve")
    experiment = lab.Experiment(
        "loop_sweep",
        "Are threads better for fast replies, and tasks for slow ones?",
        baseline="threads")
    for delay_ms in DELAYS_MS:
        def ask(work, query="delay_ms=%d" % delay_ms):
            return asking.under_the_clock(server, query, work)

        experiment.case(str(delay_ms), "ms until the reply")
        experiment.variant("thread", "threads", "a thread each", ask(threads))
        experiment.variant("task", "asyncio", "a task each", ask(tasks))
        experiment.variant("thread", "workers", "20 threads", ask(workers))
        experiment.variant("task", "asyncio_20", "20 tasks", ask(tasks_20))
    return experiment.run()


def threads(run, site):
    return asking.threads(site, REQUESTS)


def workers(run, site):
    return asking.pool(run, WORKERS, REQUESTS,
                       lambda n: asking.fetch(site, n))


def tasks(run, site):
    return asking.in_loop(run, asking.tasks(site, REQUESTS))


def tasks_20(run, site):
    return asking.in_loop(run, asking.task_workers(site, REQUESTS, WORKERS))


if __name__ == "__main__":
    sys.exit(main())
