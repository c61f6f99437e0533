"""What is held, or waited for, across an await. Who gets done?

Run:  python examples/stuck/stuck_await.py
See:  a `threading.Lock` that is held across an await stops the loop for good
      when a second task wants it. Let go before the await, or with
      `asyncio.Lock`, all get done. `asyncio.run` in a coroutine raises; to wait
      in the loop's thread for what the loop is to do gets stuck.

Each way is tried in a child process, which is ended when all of its threads
have slept for 200 ms.
"""

import asyncio
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.watch import watch

HELD_S = 0.060  # the lock is held for this long
EARLIER_S = 0.020  # and asked for after this


def main():
    experiment = lab.Experiment(
        "stuck_await",
        "Held or waited for across an await: who gets done?", baseline="none")
    experiment.observed()
    for case, label, ways in CASES:
        experiment.case(case, label)
        for name, says, _ in ways:
            experiment.variant(
                "task", name, says,
                lambda run, case=case, name=name: tried(run, case, name))
    experiment.child("try", lambda args: attempt(*args))
    return experiment.run()


def tried(run, case, name):
    said, is_stuck = watch(run, case, name)
    run.metric("stuck", int(is_stuck))
    return "stuck" if is_stuck else " ".join(said)


def attempt(case, name):
    ways = dict((known, ways) for known, _, ways in CASES)[case]
    way = dict((known, way) for known, _, way in ways)[name]
    print("ready")
    sys.stdout.flush()
    try:
        asyncio.run(way())
        print("done")
    except RuntimeError as error:
        print("raises: %s" % error)


# ANCHOR: guard
async def adds(lock):
    with lock:
        await asyncio.sleep(EARLIER_S)  # still held


async def one():
    lock = threading.Lock()
    # The second blocks the loop's thread, and the first cannot go on.
    await asyncio.gather(adds(lock), adds(lock))


async def adds_asynchronously(lock):
    async with lock:
        await asyncio.sleep(EARLIER_S)
# ANCHOR_END: guard


async def asynchronous():
    lock = asyncio.Lock()
    await asyncio.gather(*[adds_asynchronously(lock) for _ in range(3)])


async def adds_at_once(lock):
    with lock:
        pass
    await asyncio.sleep(EARLIER_S)


async def let_go():
    lock = threading.Lock()
    await asyncio.gather(adds_at_once(lock), adds_at_once(lock))


async def in_a_task():
    """Who is in line is a task, and goes on though nobody awaits it."""
    lock = asyncio.Lock()

    async def holds():
        async with lock:
            await asyncio.sleep(HELD_S)

    async def is_in_line():
        async with lock:
            pass

    held = asyncio.ensure_future(holds())
    await asyncio.sleep(0)
    in_line = asyncio.ensure_future(is_in_line())
    await asyncio.wait([in_line], timeout=EARLIER_S)
    async with lock:
        pass
    await held


async def nothing():
    await asyncio.sleep(0)


# ANCHOR: block_on
async def own():
    coroutine = nothing()
    try:
        asyncio.run(coroutine)
    finally:
        coroutine.close()


async def neighbor():
    loop = asyncio.get_running_loop()
    future = asyncio.run_coroutine_threadsafe(nothing(), loop)
    future.result()  # the loop's own thread, which was to run it
# ANCHOR_END: block_on


CASES = [
    ("guard", "a lock across an await",
     [("one", "threading.Lock, held", one),
      ("let_go", "threading.Lock, let go before", let_go),
      ("async_lock", "asyncio.Lock, held", asynchronous)]),
    ("queued", "in line for a lock",
     [("task", "in line, in a task of its own", in_a_task)]),
    ("block_on", "to block in a coroutine",
     [("own", "asyncio.run", own),
      ("neighbor", "run_coroutine_threadsafe, result", neighbor)]),
]


if __name__ == "__main__":
    sys.exit(main())
