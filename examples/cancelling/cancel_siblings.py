"""Ten flows of 100 ms are started together, and one of them fails after 30.
Who is told, when, and what becomes of the nine?

Run:  python examples/cancelling/cancel_siblings.py
See:  `gather` tells at once, and the nine go on; so does `wait`. A `TaskGroup`
      tells at once, and has stopped the nine. With `return_exceptions` all go
      on, and it is told at the end. Tasks that nobody awaits tell nobody who
      could act on it: there is a line in the log when the task is forgotten.
      Threads and processes of a pool go on until they are done, whoever is
      told.

`TaskGroup` needs Python 3.11; without it that variant is left out.
"""

import asyncio
import concurrent.futures
import gc
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

SIBLINGS = 10
STEPS = 10
STEP_S = 0.010
FAILS = (3, 2)  # who fails, and in which step
PATIENCE_S = 5  # by then all have come to their end


def main():
    experiment = lab.Experiment("cancel_siblings",
                                "One of ten fails: who goes on, and who is "
                                "told?", baseline="join")
    experiment.observed()
    for name, label, together in [
            ("join", "gather, return_exceptions", gather_all),
            ("gather", "gather", gather),
            ("wait", "wait, until one fails", wait)]:
        experiment.variant("task", name, label,
                           lambda run, together=together: tasks(run, together))
    if hasattr(asyncio, "TaskGroup"):
        experiment.variant("task", "task_group", "TaskGroup",
                           lambda run: tasks(run, task_group))
    experiment.variant("task", "dropped", "tasks that nobody awaits",
                       lambda run: tasks(run, dropped))
    experiment.variant("thread", "pool", "a pool's futures",
                       lambda run: threads(run, pool))
    experiment.variant("thread", "flag", "threads that read an event",
                       lambda run: threads(run, with_an_event))
    experiment.variant("process", "processes", "multiprocessing's Pool.map",
                       processes)
    return experiment.run()


class Failed(Exception):
    pass


class Family(object):
    """What the ten have in common."""

    def __init__(self):
        self.finished = 0
        self.stop = threading.Event()
        self._lock = threading.Lock()

    def one_more(self):
        with self._lock:
            self.finished += 1


# ANCHOR: tasks
async def sibling(n, family):
    for step in range(STEPS):
        await asyncio.sleep(STEP_S)
        if (n, step) == FAILS:
            raise Failed("this one")
    family.one_more()


async def gather(family):
    await asyncio.gather(*[sibling(n, family) for n in range(SIBLINGS)])


async def gather_all(family):
    outcomes = await asyncio.gather(
        *[sibling(n, family) for n in range(SIBLINGS)],
        return_exceptions=True)
    for outcome in outcomes:
        if outcome is not None:
            raise outcome


async def wait(family):
    done, _ = await asyncio.wait(
        [asyncio.ensure_future(sibling(n, family)) for n in range(SIBLINGS)],
        return_when=asyncio.FIRST_EXCEPTION)
    for task in done:
        task.result()


async def task_group(family):
    async with asyncio.TaskGroup() as group:
        for n in range(SIBLINGS):
            group.create_task(sibling(n, family))


async def dropped(family):
    for n in range(SIBLINGS):
        asyncio.ensure_future(sibling(n, family))
# ANCHOR_END: tasks


# ANCHOR: threads
def thread(n, family):
    for step in range(STEPS):
        time.sleep(STEP_S)
        if (n, step) == FAILS:
            raise Failed("this one")
    family.one_more()


def pool(family, tell):
    with ThreadPoolExecutor(SIBLINGS) as threads:  # left when all are done
        futures = [threads.submit(thread, n, family) for n in range(SIBLINGS)]
        for future in concurrent.futures.as_completed(futures):
            if future.exception():
                tell(futures)


def heeding(n, family):
    for step in range(STEPS):
        if family.stop.is_set():
            return
        time.sleep(STEP_S)
        if (n, step) == FAILS:
            family.stop.set()
            raise Failed("this one")
    family.one_more()


def with_an_event(family, tell):
    with ThreadPoolExecutor(SIBLINGS) as threads:
        futures = [threads.submit(heeding, n, family) for n in range(SIBLINGS)]
        for future in concurrent.futures.as_completed(futures):
            if future.exception():
                tell(futures)
# ANCHOR_END: threads


def tasks(run, together):
    family, printed = Family(), []

    async def all_of_them():
        # What nobody asked for is told to the loop, which would log it.
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: printed.append(context["message"]))
        began = time.perf_counter()
        failed = await has_failed(together(family))
        tell(run, began, failed, len(others()))
        if others():
            await asyncio.wait(others(), timeout=PATIENCE_S)
        gc.collect()
        run.metric("printed", len(printed))
        return over(run, began, family.finished)

    return asyncio.run(all_of_them())


def others():
    return asyncio.all_tasks() - {asyncio.current_task()}


async def has_failed(together):
    try:
        await together
    except Exception as error:
        # The failure itself, or a group of it.
        assert all(isinstance(one, Failed)
                   for one in getattr(error, "exceptions", [error]))
        return True
    return False


def threads(run, together):
    family, told = Family(), []

    def note(futures):
        at_work = [future for future in futures if not future.done()]
        told.append((time.perf_counter(), len(at_work)))

    began = time.perf_counter()
    together(family, note)
    run.metric("told", len(told))
    for when, at_work in told:
        run.metric("told_ms", (when - began) * 1e3)
        run.metric("left_behind", at_work)
    return over(run, began, family.finished)


# ANCHOR: processes
def processes(run):
    with CONTEXT.Pool(SIBLINGS) as pool:
        pool.map(ready, range(SIBLINGS), chunksize=1)
        FINISHED.value = 0
        began, failed = time.perf_counter(), False
        try:
            pool.map(process, range(SIBLINGS), chunksize=1)
        except Failed:
            failed = True
        tell(run, began, failed)
        return over(run, began, FINISHED.value)


def process(n):
    for step in range(STEPS):
        time.sleep(STEP_S)
        if (n, step) == FAILS:
            raise Failed("this one")
    with FINISHED.get_lock():
        FINISHED.value += 1
# ANCHOR_END: processes


def ready(_):
    time.sleep(STEP_S)  # so that each of the ten takes one


CONTEXT = get_context("fork") if hasattr(os, "fork") else get_context()
FINISHED = CONTEXT.Value("i", 0)


def tell(run, began, told, left_behind=None):
    run.metric("told", int(told))
    if told:
        run.metric("told_ms", (time.perf_counter() - began) * 1e3)
    if left_behind is not None:
        run.metric("left_behind", left_behind)


def over(run, began, finished):
    run.metric("over_ms", (time.perf_counter() - began) * 1e3)
    run.metric("finished", finished)
    return "%d of 9 went on" % finished


if __name__ == "__main__":
    sys.exit(main())
