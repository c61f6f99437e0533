"""A host is killed or stopped in the middle of the job: who notices, what is
lost, and what is done again?

Run:  python examples/machines/machines_fail.py
See:  the scheduler notices at once that a killed host's connection has ended,
      and has done again what was lost with it. The answer is right; what the
      tasks did to the world beside their results, they did more than once. A
      host that is stopped is waited for, until it has not been heard of for as
      long as the scheduler is told to bear it.

Three hosts, each with a task of 20 ms for each window. Needs a Unix and
dask.distributed.
"""

import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common import dask_hosts, events

HOSTS = 3
VICTIM = 1
# It befalls the victim when so many windows are done.
AFTER = 4
AWAY = 0.3
# The least that the scheduler takes for so few hosts: ten heartbeats.
TTL = "5s"
PATIENCE = 20


def main():
    experiment = lab.Experiment(
        "machines_fail",
        "A host is killed, stopped or cut off: what becomes of the answer?",
        baseline="undisturbed")
    experiment.observed()
    if dask_hosts.DASK:
        experiment.variant("process", "undisturbed", "nothing happens",
                           lambda run: play(run, nothing))
        experiment.variant("process", "killed", "kill -9",
                           lambda run: play(run, killed))
        experiment.variant("process", "stopped", "stopped for 300 ms",
                           lambda run: play(run, stopped))
        experiment.variant("process", "suspected", "stopped, and a ttl of 5 s",
                           lambda run: play(run, suspected), slow=True)
    return experiment.run()


def play(run, mishap):
    settings = {"distributed.scheduler.worker-ttl": TTL}
    if mishap is not suspected:
        settings = {}
    with dask_hosts.Hosts(HOSTS, settings=settings) as hosts:
        return hosts.run(run, lambda *which: job(mishap, *which))


# ANCHOR: job
def job(mishap, client, hosts, pids):
    notes, metrics = dask_hosts.Notes(), {}
    windows = dask_hosts.submit_live(client, hosts, notes)
    while sum(window.done() for window in windows) < AFTER:
        time.sleep(0.002)
    mishap(client, pids[VICTIM], metrics)
    answer = events.answer(client.gather(windows))
    tasks = events.WINDOWS * (hosts + 1)
    metrics["redone"] = notes.count() - tasks
    metrics["redone_share"] = metrics["redone"] / tasks
    right = answer == events.answer(events.plain())
    return "right" if right else "wrong: " + answer, metrics
# ANCHOR_END: job


def nothing(*_):
    pass


# ANCHOR: mishaps
def killed(client, pid, metrics):
    os.kill(pid, signal.SIGKILL)
    metrics["noticed_ms"] = until_fewer(client)


def stopped(client, pid, metrics):
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(AWAY, os.kill, (pid, signal.SIGCONT)).start()


def suspected(client, pid, metrics):
    os.kill(pid, signal.SIGSTOP)
    metrics["noticed_ms"] = until_fewer(client)
    # It was alive all the time.
    os.kill(pid, signal.SIGCONT)
# ANCHOR_END: mishaps


def until_fewer(client):
    """How long until the scheduler counts a host fewer."""
    began = lab.clock()
    while client.run_on_scheduler(count_workers) == HOSTS:
        if lab.clock() - began > PATIENCE:
            raise lab.Failure("nobody has noticed within %d s" % PATIENCE)
        time.sleep(0.001)
    return (lab.clock() - began) * 1e3


def count_workers(dask_scheduler):
    return len(dask_scheduler.workers)


if __name__ == "__main__":
    sys.exit(main())
