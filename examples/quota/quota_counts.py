"""How many threads should a program start? Whom it asks, and what they say when
it may have one core only, a quota of half the machine's time, or both.

Run:  python examples/quota/quota_counts.py
See:  os.cpu_count() counts the machine, whatever we may have of it.
      os.process_cpu_count() (from 3.13) and os.sched_getaffinity() know an
      affinity and no quota. The pools' defaults follow the one or the other,
      by the version.

Needs Linux and the right to make a control group (root, mostly). Without it
only the affinity is tried. Each answer is a child's, who asks once.
"""

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common import cgroup

# ANCHOR: ways
WAYS = [
    ("cpu_count", "os.cpu_count", os.cpu_count),
    ("process_cpu_count", "os.process_cpu_count",
     getattr(os, "process_cpu_count", None)),
    ("affinity", "os.sched_getaffinity",
     hasattr(os, "sched_getaffinity")
     and (lambda: len(os.sched_getaffinity(0)))),
    ("multiprocessing", "multiprocessing.cpu_count",
     multiprocessing.cpu_count),
    ("threads", "ThreadPoolExecutor, less the 4 on top",
     lambda: ThreadPoolExecutor()._max_workers - 4),
    ("processes", "ProcessPoolExecutor",
     lambda: ProcessPoolExecutor()._max_workers),
]
# ANCHOR_END: ways


def main():
    groups = cgroup.allowed("quota_counts")
    experiment = lab.Experiment(
        "quota_counts", "Who tells a program how many threads it should have?",
        baseline="none")
    experiment.observed()
    for name, label, ask in WAYS:
        if ask:  # not in this version, or not on this platform
            experiment.variant(
                "alone", name, label,
                lambda run, name=name: under_all(run, name, groups))
    experiment.child("count", lambda args: count(*args))
    return experiment.run()


CONDITIONS = ("free", "core", "quota", "uneven", "both")


def under_all(run, way, groups):
    run.elsewhere()
    can_be = {"free": True, "core": hasattr(os, "sched_setaffinity")}
    said = []
    for condition in CONDITIONS:
        if can_be.get(condition, groups):
            number = under(run.threads / 2.0, way, condition)
            run.metric(condition, number)
            said.append("%s %s" % (condition, number))
    return ", ".join(said)


def under(half, way, condition):
    """What a child is told under one condition."""
    cores = {"quota": half, "both": half, "uneven": half + 0.5}.get(condition)
    group = cgroup.Group(cores) if cores else None
    try:
        child = subprocess.Popen(
            lab.rerun_self("count", [way, condition]), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, universal_newlines=True)
        child.stdout.readline()  # it is there
        if group:
            group.take(child.pid)
        said, _ = child.communicate("go\n")
    finally:
        if group:
            group.remove()
    return int(said)


def count(way, condition):
    print("ready")
    sys.stdout.flush()
    if not sys.stdin.readline():
        return  # the parent is gone
    if condition in ("core", "both"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    [ask] = [ask for name, _, ask in WAYS if name == way]
    print(ask())


if __name__ == "__main__":
    sys.exit(main())
