"""How often must one press Ctrl-C?

Run:  python examples/ending/ending_interrupts.py
See:  once, where main sleeps or awaits. Again for each who waits for the same
      thread: main itself, the block of the executor, the interpreter at its
      end. A task that swallows its cancellation, and a handler that takes the
      signal for good, go on.

Each program is a child process that would take ten seconds. It gets SIGINT
every 150 ms, four times at most.
"""

import asyncio
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.crowd import begin, ends_by, say, started

LONG_S = 10  # so long all of them would take
SOON_S = 0.02
BETWEEN_S = 0.15
MOST = 4
TIMES = ["once", "twice", "three times", "four times"]


def main():
    experiment = lab.Experiment(
        "ending_interrupts", "How often must one press Ctrl-C?",
        baseline="sleep")
    experiment.observed()
    for kind, way, label in [
            ("thread", "sleep", "main sleeps"),
            ("thread", "join", "main joins a thread"),
            ("thread", "executor", "main waits in an executor's block"),
            ("thread", "daemon", "main joins a daemon"),
            ("task", "run", "asyncio.run, main awaits"),
            ("task", "swallow", "asyncio.run, main swallows the cancel"),
            ("task", "busy", "asyncio.run, a task blocks the loop"),
            ("task", "to_thread", "asyncio.run, main awaits to_thread"),
            ("task", "once", "a handler, then clearing up"),
            ("task", "again", "the same, the handler removed")]:
        experiment.variant(kind, way, label,
                           lambda run, way=way: pressed(run, way))
    experiment.child("wait", wait)
    return experiment.run()


# ANCHOR: pressed
def pressed(run, way):
    run.elsewhere()
    child, _ = started("wait", way)
    run.start_clock()
    times, is_over = 0, False
    while times < MOST and not is_over:
        times += 1
        os.kill(child.pid, signal.SIGINT)
        is_over = ends_by(child, lab.clock() + BETWEEN_S)
    run.stop_clock()
    # ANCHOR_END: pressed
    run.metric("ended", is_over)
    if not is_over:
        child.kill()
    child.wait()
    child.stdout.close()
    if not is_over:
        return "%d times are not enough" % MOST
    run.metric("times", times)
    ending = lab.ending(child.returncode).replace("signal 2", "SIGINT")
    return "%s: %s" % (TIMES[times - 1], ending)


def ready_soon():
    """By another thread: by then main waits for what it waits for."""
    soon = threading.Timer(SOON_S, say, ["ready"])
    soon.daemon = True
    soon.start()


# ANCHOR: wait
def wait(args):
    begin()
    way = args[0]
    ready_soon()
    if way == "sleep":
        time.sleep(LONG_S)
    elif way in ("join", "daemon"):
        thread = threading.Thread(target=time.sleep, args=(LONG_S,),
                                  daemon=way == "daemon")
        thread.start()
        thread.join()
    elif way == "executor":
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(time.sleep, LONG_S)
            future.result()
    else:
        asyncio.run(ASYNC[way]())


async def run():
    await asyncio.sleep(LONG_S)


async def swallow():
    while True:
        try:
            await asyncio.sleep(LONG_S)
        except asyncio.CancelledError:
            pass  # broken: whoever cancels it is to be obeyed


async def busy():
    time.sleep(LONG_S)


async def to_thread():
    await asyncio.to_thread(time.sleep, LONG_S)
# ANCHOR_END: wait


async def once():
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, told.set)
    await told.wait()
    await asyncio.sleep(LONG_S)  # clears up


async def again():
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, told.set)
    await told.wait()
    # From now on it is Python's own again, which raises KeyboardInterrupt.
    loop.remove_signal_handler(signal.SIGINT)
    await asyncio.sleep(LONG_S)  # clears up


ASYNC = {"run": run, "swallow": swallow, "busy": busy, "to_thread": to_thread,
         "once": once, "again": again}


if __name__ == "__main__":
    sys.exit(main())
