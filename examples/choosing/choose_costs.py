"""What each model of concurrency costs in Python: jobs with nothing to do, or
next to nothing, run by the same code that `choose_jobs` runs real ones with.

Run:  python examples/choosing/choose_costs.py
See:  column `start`: a process or a sub-interpreter takes milliseconds to be
      there, a loop less than one. `busy`: beside its steps, an item costs tens
      of microseconds in a pool, since a future and a queue are around it.
      `late` and `grain`: an event loop on Linux waits for whole milliseconds,
      a thread does not.

Which models there are depends on the Python: without the global lock it runs
the models of threads alone. Needs Python 3.9.
"""

import os
import sys
from concurrent import futures

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common import models
from common.items import chain
from lab_os import interpreter

STEPS = 40000
# Half of an item's steps, where it has some; how many items there are with
# nothing to do, or only these steps; how many that wait at the same time, and
# how many one after another; the bytes into an item, and out of it.
HALF = 750
ITEMS = 400
MANY = 200
WAITS = 16
BYTES = 50000
# Of a sub-interpreter's memory, to be told apart.
HELD = 8
# Answers of jobs that were added up already.
KNOWN = {}


def main():
    experiment = lab.Experiment(
        "choose_costs", "What does each model cost, beside the work?",
        baseline="in_turn")
    experiment.case("steps", "steps of the work")
    experiment.variant("alone", "alone", "on one core",
                       lambda run: steps(run, 1))
    if not interpreter()["gil"]:
        experiment.variant("thread", "crowd", "on all cores",
                           lambda run: steps(run, run.threads))
    experiment.case("jobs", "jobs with next to nothing to do")
    for kind, name, says, model in models.there_are():
        experiment.variant(
            kind, name, says,
            lambda run, kind=kind, name=name, model=model:
            constants(run, kind, name, model))
    if hasattr(futures, "InterpreterPoolExecutor"):
        experiment.case("memory", "workers that wait")
        experiment.variant("thread", "interpreter", "a sub-interpreter",
                           lambda run: lab.take_over(run, "held"))
        experiment.child("held", lambda args: held_in_memory())
    return experiment.run()


def steps(run, flows):
    """Each flow takes the same steps; the answer says that they took them."""
    ends = run.together(flows, lambda i: chain(1, STEPS))
    run.metric("step_ns", run.elapsed() * 1e9 / STEPS)
    assert set(ends) == {ends[0]}
    return ends[0]


# ANCHOR: constants
def constants(run, kind, name, model):
    if kind == "process":
        run.elsewhere()
    at_once = name not in models.ONE_ON_EACH_CORE + ("py_in_turn",)
    # How many compute, and how many workers have to be made, of which each
    # has to have an item.
    lanes = 1 if name in models.ONE_AT_A_TIME else run.threads
    workers = run.threads if name in models.WORKERS else 1

    def time(**changes):
        least = dict(items=workers, at_once=workers)
        work = models.Work.nothing(run.threads, **dict(least, **changes))
        began = lab.clock()
        total = model(work)
        took = (lab.clock() - began) * 1e9
        assert total == expected(work), "a wrong answer"
        return took

    start = time()
    run.metric("start_ns", start / workers)

    # One that waits, again and again: how late is the end, and is it the end
    # of a millisecond?
    def late(wait_s):
        each = (time(items=WAITS, wait_s=wait_s) - start) * workers / WAITS
        return each - wait_s * 1e9

    above, below = late(0.0011), late(0.0019)
    grain = min(max(round((above - below) / 0.8e6), 0), 1) * 1e6
    late = max(below - 0.1 * grain, 0)
    run.metric("grain_ns", grain)
    run.metric("late_ns", late)

    # All wait, and the last one begins when all are there.
    flow = 0
    if at_once:
        began = (time(items=MANY, at_once=MANY, wait_s=0.0049)
                 - start - 4.9e6 - 0.1 * grain - late)
        flow = max(began, 0) / MANY
    run.metric("flow_ns", flow)

    # All cores are busy: what an item takes of them, its steps included. And
    # what it takes where no other is under way.
    def of_an_item(items=ITEMS, at_once=4 * run.threads, **changes):
        took = time(items=items, at_once=at_once, **changes)
        return max((took - start) * lanes - at_once * flow, 0) / items

    item = of_an_item()
    run.metric("item_ns", item)
    run.metric("busy_ns", of_an_item(half=HALF))
    if at_once and workers == 1:
        alone = of_an_item(half=HALF, at_once=1)
        run.metric("alone_ns", alone / lanes)
    if at_once:
        run.metric("full_ns", of_an_item(
            half=HALF, wait_s=0.002, at_once=min(64 * run.threads, ITEMS)))
    big = of_an_item(items=ITEMS // 4, bytes_in=BYTES, bytes_out=BYTES)
    run.metric("byte_ns", max(big - item, 0) / (2 * BYTES))
    return "all jobs have their answers"
# ANCHOR_END: constants


def expected(work):
    """The answer of a job, added up once."""
    key = work.items, work.half, len(work.inputs[0]), work.bytes_out
    if key not in KNOWN:
        items, half, given, out = key
        KNOWN[key] = sum(chain(i + given, 2 * half) + out
                         for i in range(1, items + 1))
    return KNOWN[key]


def held_in_memory():
    """Sub-interpreters that have imported what an item needs."""
    def resident():
        return lab.proc_bytes("/proc/self/status", "VmRSS:")

    before = resident()
    with futures.InterpreterPoolExecutor(HELD) as pool:
        list(pool.map(chain, range(1, HELD + 1), [1] * HELD))
        # As many as there were threads to make, of which none was idle.
        workers = len(pool._threads)
        after = resident()
    if before is not None:
        print("worker_bytes %f" % ((after - before) / workers))
    print("answer they are there")


if __name__ == "__main__":
    sys.exit(main())
