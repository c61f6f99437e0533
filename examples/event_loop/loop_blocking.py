"""A ticker that is due every 10 ms, and a neighbor that makes a call of 100 ms
every now and then: how late does the ticker get?

Run:  python examples/event_loop/loop_blocking.py
See:  the worst tick is late by most of the call when the neighbor blocks the
      thread, and by little when it awaits, or sends the call to a thread.

Needs Python 3.7.
"""

import asyncio
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "lab", "python"))
import lab

TICK = 0.010
TICKS = 40
CALL = 0.100
PAUSE = 0.053


def main():
    experiment = lab.Experiment(
        "loop_blocking", "How late is a tick beside a call of 100 ms?",
        baseline="rest")
    for name, label, call in [
            ("rest", "no neighbor", None),
            ("awaiting", "the neighbor awaits", awaits),
            ("blocking", "it blocks the thread", blocks),
            ("to_thread", "run_in_executor", elsewhere)]:
        experiment.variant("task", name, label,
                           lambda run, call=call: beside(run, call))
    return experiment.run()


# ANCHOR: calls
async def awaits():
    await asyncio.sleep(CALL)


async def blocks():
    time.sleep(CALL)  # or any other call that returns when it is done


async def elsewhere():
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, time.sleep, CALL)
# ANCHOR_END: calls


async def ticker():
    loop = asyncio.get_running_loop()
    began, late = loop.time(), []
    for n in range(1, TICKS + 1):
        due = began + n * TICK
        await asyncio.sleep(max(due - loop.time(), 0))
        late.append((loop.time() - due) * 1000)
    return late


async def neighbor(call):
    while True:
        await asyncio.sleep(PAUSE)
        await call()


def beside(run, call):
    async def both():
        task = asyncio.ensure_future(neighbor(call)) if call else None
        run.start_clock()
        late = await ticker()
        run.stop_clock()
        if task:
            task.cancel()
        return late

    late = sorted(asyncio.run(both()))
    run.metric("worst_late_ms", late[-1])
    run.metric("median_late_ms", late[len(late) // 2])
    return len(late)


if __name__ == "__main__":
    sys.exit(main())
