"""Forty jobs drawn at random, each run in every model of Python's: how long
does it take?

Run:  python examples/choosing/choose_jobs.py
See:  column `time`, within each job: with the global lock threads and tasks
      share one core, and processes and sub-interpreters do not, but have to be
      started first. Where items wait, a loop or threads in each process are
      ahead of one item at a time in each.

An item computes half of its steps, waits, and computes the other half. Which
models there are depends on the Python: without the global lock it runs the
models of threads alone. Processes are forked where there is a fork. Needs
Python 3.9.
"""

import csv
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "lab", "python"))
import lab
from common import models

# A quick run takes this many jobs.
QUICK = 3


def main():
    experiment = lab.Experiment(
        "choose_jobs", "A job in every model: how long does it take?",
        baseline="threads")
    with open(os.path.join(HERE, "jobs.csv")) as lines:
        rows = list(csv.DictReader(lines))
    for i, row in enumerate(rows):
        experiment.case(row["id"], label(row))
        left_out = row["left_out"].split()
        for kind, name, says, model in models.there_are():
            if name not in left_out:
                experiment.variant(
                    kind, name, says,
                    lambda run, kind=kind, model=model, row=row:
                    timed(run, kind, model, row), slow=i >= QUICK)
    return experiment.run()


def timed(run, kind, model, row):
    work = models.Work.of(row, run.threads)
    if kind == "process":
        run.elsewhere()
    run.start_clock()
    answer = model(work)
    run.stop_clock()
    return answer


def label(row):
    items = "1 item" if row["items"] == "1" else row["items"] + " items"
    return "%s, %s steps, wait %s ms, %s at once" % (
        items, row["steps"], format_ms(row["wait_us"]), row["at_once"])


def format_ms(us):
    return "%g" % (int(us) / 1e3)


if __name__ == "__main__":
    sys.exit(main())
