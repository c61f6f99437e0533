"""One interface for pools, and for an actor: what does a call cost through it,
by who does the work?

Run:  python examples/mixing/mix_call.py
See:  a call to another thread and back costs less than one to another process;
      interpreters (3.14) are in between, or dearer than both. An actor's task
      on the same loop is the cheapest, since nobody is woken. Five hundred
      at once cost less each.

The job is next to nothing, so that what is measured is the way. Needs Python
3.8; aiomultiprocess is asked where it is there (`cargo book python`), and not
one call at a time, which takes it seconds.
"""

import asyncio
import importlib
import multiprocessing
import os
import queue
import sys
import threading
from concurrent import futures

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

CALLS = 500
WARM = 64


def main():
    experiment = lab.Experiment(
        "mix_call", "One interface for pools: what does a call cost?",
        baseline="plain")
    for case, label, call in [
            ("one", "each when the last is answered", one_by_one),
            ("many", "five hundred at once", all_at_once)]:
        experiment.case(case, label)
        experiment.variant("alone", "plain", "a plain call", plain)
        for kind, name, says, make in executors():
            experiment.variant(
                kind, name, says,
                lambda run, make=make, call=call, kind=kind:
                called(run, make, call, kind == "process"))
        experiment.variant("task", "actor_task", "an actor, a task",
                           lambda run, case=case: to_a_task(run, case))
        if case == "many" and having("aiomultiprocess"):
            experiment.variant("process", "aiomultiprocess", "aiomultiprocess",
                               by_aiomultiprocess)
    return experiment.run()


# ANCHOR: executors
def executors():
    found = [
        ("thread", "threads", "ThreadPoolExecutor",
         futures.ThreadPoolExecutor),
        ("process", "processes", "ProcessPoolExecutor",
         lambda size: futures.ProcessPoolExecutor(
             size, mp_context=multiprocessing.get_context("spawn"))),
        ("thread", "actor_thread", "an actor, a thread", Actor)]
    if hasattr(futures, "InterpreterPoolExecutor"):
        found.append(("thread", "interpreters", "InterpreterPoolExecutor",
                      futures.InterpreterPoolExecutor))
    return found


# Whichever of them it is.
def one_by_one(pool):
    return sum(pool.submit(square, n).result() for n in range(CALLS))


def all_at_once(pool):
    answers = [pool.submit(square, n) for n in range(CALLS)]
    return sum(answer.result() for answer in answers)
# ANCHOR_END: executors


def square(n):
    return n * n


# ANCHOR: actor
class Actor(futures.Executor):
    """A thread that owns its state, and a mailbox."""

    def __init__(self, _size):
        self.mailbox = queue.SimpleQueue()
        self.thread = threading.Thread(target=self.live)
        self.thread.start()

    def live(self):
        self.done = 0
        for answer, job, n in iter(self.mailbox.get, None):
            self.done += 1
            if not answer.set_running_or_notify_cancel():
                continue  # nobody waits for it any more
            try:
                answer.set_result(job(n))
            except BaseException as failure:
                answer.set_exception(failure)

    def submit(self, job, n):
        answer = futures.Future()
        self.mailbox.put((answer, job, n))
        return answer

    def shutdown(self, wait=True):
        self.mailbox.put(None)
        self.thread.join()
# ANCHOR_END: actor


def called(run, make, call, elsewhere):
    if elsewhere:
        run.elsewhere()
    with make(run.threads) as pool:
        # All of its workers are there, and know the job.
        for answer in [pool.submit(square, n) for n in range(WARM)]:
            answer.result()
        run.start_clock()
        total = call(pool)
        return noted(run, total)


def noted(run, total):
    run.stop_clock()
    run.metric("each_us", run.elapsed() * 1e6 / CALLS)
    return total


def plain(run):
    run.start_clock()
    return noted(run, sum(map(square, range(CALLS))))


def to_a_task(run, case):
    async def main():
        mailbox = asyncio.Queue()
        loop = asyncio.get_running_loop()

        async def live():
            while True:
                answer, n = await mailbox.get()
                answer.set_result(square(n))

        def submit(n):
            answer = loop.create_future()
            mailbox.put_nowait((answer, n))
            return answer

        actor = asyncio.ensure_future(live())
        await submit(1)
        run.start_clock()
        if case == "one":
            total = 0
            for n in range(CALLS):
                total += await submit(n)
        else:
            total = sum(await asyncio.gather(*map(submit, range(CALLS))))
        noted(run, total)
        actor.cancel()
        return total

    return asyncio.run(main())


async def square_in_task(n):
    return n * n


def by_aiomultiprocess(run):
    import aiomultiprocess

    run.elsewhere()

    async def main():
        async with aiomultiprocess.Pool(run.threads) as pool:
            await pool.map(square_in_task, range(WARM))
            run.start_clock()
            total = sum(await pool.map(square_in_task, range(CALLS)))
            return noted(run, total)

    return asyncio.run(main())


def having(module):
    """A package that need not be there."""
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


if __name__ == "__main__":
    sys.exit(main())
