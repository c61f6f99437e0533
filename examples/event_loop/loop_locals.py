"""What a task keeps across an await: in a local of the thread, and in a
variable of its context.

Run:  python examples/event_loop/loop_locals.py
See:  a hundred tasks note their number, give way, and read it again. In a
      threading.local() all of them read the last one's, since they share the
      thread. In a ContextVar each reads its own. A task that is started gets a
      copy, and so does a call by to_thread; one by run_in_executor does not.

Needs Python 3.9.
"""

import asyncio
import contextvars
import os
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "lab", "python"))
import lab

TASKS = 100
threads = threading.local()
context = contextvars.ContextVar("context", default=0)


def main():
    experiment = lab.Experiment(
        "loop_locals", "What does a task keep across an await?",
        baseline="context")
    experiment.observed()
    experiment.case("kept", "noted, and read again after an await")
    experiment.variant("task", "context", "ContextVar",
                       lambda run: asyncio.run(each(run, by_context)))
    experiment.variant("task", "thread_1", "threading.local()",
                       lambda run: asyncio.run(each(run, by_thread_local)))
    experiment.case("handed_on", "what has been started in between, sees")
    for name, label, asks in [
            ("context", "called", called),
            ("create_task", "create_task", in_a_task),
            ("to_thread", "to_thread", to_thread),
            ("run_in_executor", "run_in_executor", in_executor)]:
        experiment.variant(
            "task", name, label,
            lambda run, asks=asks: asyncio.run(handed_on(run, asks)))
    return experiment.run()


# ANCHOR: locals
async def by_thread_local(n):
    threads.number = n
    await asyncio.sleep(0)  # another task's turn, which sets its own
    return threads.number == n


async def by_context(n):
    context.set(n)
    await asyncio.sleep(0)
    return context.get() == n
# ANCHOR_END: locals


async def each(run, work):
    own = sum(await asyncio.gather(*(work(n) for n in range(1, TASKS + 1))))
    run.metric("own", own)
    return "%d of %d read their own" % (own, TASKS)


async def called():
    return context.get()


async def in_a_task():
    return await asyncio.create_task(called())


async def to_thread():
    return await asyncio.to_thread(context.get)


async def in_executor():
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, context.get)


async def handed_on(run, asks):
    context.set(7)
    seen = await asks() == 7
    run.metric("seen", seen)
    return "the caller's" if seen else "nothing"


if __name__ == "__main__":
    sys.exit(main())
