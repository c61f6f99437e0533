"""From threads into tasks and back, by every way. Which works, which raises
and says what, and which hangs?

Run:  python examples/hidden/hidden_ways.py
See:  a second loop in the loop's thread raises; to wait there for what the loop
      is to do hangs. What needs a loop and finds none raises, and so does what
      belongs to another loop. `to_thread` works, and back from there
      `run_coroutine_threadsafe`.

Each way is tried in a child process, which ends itself when it has been at it
for half a second. Needs Python 3.9.
"""

import asyncio
import faulthandler
import gc
import os
import re
import subprocess
import sys
import threading
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

PAUSE_S = 0.005
PATIENCE_S = 0.5
LIMIT_S = 20


def main():
    experiment = lab.Experiment(
        "hidden_ways", "From threads into tasks and back: what works?",
        baseline="none")
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
    run.elsewhere()
    child = subprocess.Popen(
        lab.rerun_self("try", [case, name]), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
    try:
        said, errors = child.communicate(timeout=LIMIT_S)
    finally:
        child.kill()  # if it has not ended
    hangs = child.returncode != 0 and errors.startswith("Timeout (")
    if child.returncode != 0 and not hangs:
        raise lab.Failure("%s/%s: %s" % (case, name, errors))
    said = "hangs" if hangs else said.strip()
    run.metric("works", int(said == "works"))
    run.metric("hangs", int(hangs))
    return said


def attempt(case, name):
    ways = dict((known, ways) for known, _, ways in CASES)[case]
    way = dict((known, way) for known, _, way in ways)[name]
    # Writes the stacks of all threads, and ends the process.
    faulthandler.dump_traceback_later(PATIENCE_S, exit=True)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always", RuntimeWarning)
            asyncio.run(way()) if case == "task" else way()
            gc.collect()
        print("warns: %s" % warned[0].message if warned else "works")
    except RuntimeError as error:
        print("raises: %s" % without_addresses(str(error)))
    sys.stdout.flush()
    faulthandler.cancel_dump_traceback_later()


def without_addresses(text):
    """What stands in brackets is told otherwise each time."""
    shorter = re.sub(r"<[^<>]*>", "…", text)
    return text if shorter == text else without_addresses(shorter)


async def pause():
    await asyncio.sleep(PAUSE_S)


def closing(call):
    """What is not awaited is closed, or Python warns of it as well."""
    coroutine = pause()
    try:
        return call(coroutine)
    finally:
        coroutine.close()


# ANCHOR: in_a_task
async def run():
    closing(asyncio.run)


async def until():
    loop = asyncio.get_running_loop()
    closing(loop.run_until_complete)


async def result():
    loop = asyncio.get_running_loop()
    future = asyncio.run_coroutine_threadsafe(pause(), loop)
    future.result()  # the loop's own thread, which was to run it


async def back():
    loop = asyncio.get_running_loop()

    def blocking():
        future = asyncio.run_coroutine_threadsafe(pause(), loop)
        future.result()  # another thread

    await asyncio.to_thread(blocking)
# ANCHOR_END: in_a_task


async def new_loop():
    loop = asyncio.new_event_loop()
    try:
        closing(loop.run_until_complete)
    finally:
        loop.close()


async def second_loop():
    await asyncio.to_thread(lambda: asyncio.run(pause()))


async def joined():
    loop = asyncio.get_running_loop()
    thread = threading.Thread(
        target=lambda: asyncio.run_coroutine_threadsafe(pause(), loop).result(),
        daemon=True)
    thread.start()
    thread.join()


async def attached():
    future = asyncio.get_running_loop().create_future()

    async def awaits():
        await future

    await asyncio.to_thread(lambda: asyncio.run(awaits()))


async def lock():
    lock = asyncio.Lock()

    async def both():
        await asyncio.gather(holds(), holds())

    async def holds():
        async with lock:
            await pause()

    await both()
    await asyncio.to_thread(lambda: asyncio.run(both()))


async def not_awaited():
    pause()


async def awaits():
    await pause()


# ANCHOR: in_a_thread
def call_soon(of="call_soon"):
    """Another thread has the loop set a future that is awaited."""
    async def waits():
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        threading.Timer(
            PAUSE_S, lambda: getattr(loop, of)(future.set_result, None)).start()
        await future

    asyncio.run(waits())


def threadsafe():
    call_soon("call_soon_threadsafe")
# ANCHOR_END: in_a_thread


def in_helper(work):
    """Does it in a thread that has a name."""
    errors = []

    def caught():
        try:
            work()
        except RuntimeError as error:
            errors.append(error)

    thread = threading.Thread(target=caught, name="helper")
    thread.start()
    thread.join()
    for error in errors:
        raise error


def closed():
    loop = asyncio.new_event_loop()
    loop.close()
    closing(loop.run_until_complete)


CASES = [
    ("task", "in a task", [
        ("await", "await", awaits),
        ("not_awaited", "a coroutine, not awaited", not_awaited),
        ("run", "asyncio.run", run),
        ("until", "the loop’s run_until_complete", until),
        ("new_loop", "a new loop’s run_until_complete", new_loop),
        ("result", "run_coroutine_threadsafe, result", result),
        ("joined", "the same in a thread that is joined", joined),
        ("back", "to_thread, and there the same", back),
        ("second_loop", "to_thread, asyncio.run there", second_loop),
        ("attached", "the same, awaits a future of here", attached),
        ("lock", "the same, asks for a lock of here", lock)]),
    ("thread", "in a thread of one’s own", [
        ("run", "asyncio.run", lambda: in_helper(lambda: asyncio.run(pause()))),
        ("running", "get_running_loop, no loop", asyncio.get_running_loop),
        ("create_task", "create_task, no loop",
         lambda: closing(asyncio.create_task)),
        ("get_loop", "get_event_loop, a new thread",
         lambda: in_helper(asyncio.get_event_loop)),
        ("closed", "a loop that is closed", closed),
        ("call_soon", "call_soon of a loop elsewhere", call_soon),
        ("threadsafe", "call_soon_threadsafe", threadsafe)]),
]


if __name__ == "__main__":
    sys.exit(main())
