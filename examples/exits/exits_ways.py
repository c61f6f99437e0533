"""A program ends, in one of eleven ways. What does it get to do before?

Run:  python examples/exits/exits_ways.py
See:  what returns, raises or calls `sys.exit` in its main thread runs `finally`
      and `atexit`, and writes out what was printed; what is in the buffer of a
      file that is still open may be lost. So it is with Ctrl-C, which Python
      turns into an exception. SIGTERM is none unless a handler makes it one.
      `os._exit` and SIGKILL let nothing run, and a daemon thread's `finally`
      never does. `sys.exit` in another thread ends that thread only.

Each way is taken by a child process. It is in a `try` of its own, has a daemon
thread, a task, text in the buffer of an open file, and half a line printed.
"""

import asyncio
import atexit
import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.system import heed_interrupt

LONG_S = 10  # by then it would end by itself
MARKS = ["drop", "thread", "task", "buffer", "atexit"]


def main():
    experiment = lab.Experiment(
        "exits_ways", "A program ends: what does it get to do before?",
        baseline="none")
    experiment.observed()
    for case, label, ways in CASES:
        experiment.case(case, label)
        for way in ways:
            experiment.variant("process", way[0], way[1],
                               lambda run, way=way: observe(run, *way))
    experiment.child("leave", lambda args: leave(args[0]))
    return experiment.run()


# ANCHOR: leave
def leave(name):
    heed_interrupt()
    way = [way for _, _, ways in CASES for way in ways if way[0] == name][0]
    atexit.register(mark, "atexit")
    buffer = os.fdopen(os.dup(2), "w")
    buffer.write("! buffer\n")
    threading.Thread(target=asleep, args=[LONG_S], daemon=True).start()
    sys.stdout.write("printed")  # to a pipe, so it stays in a buffer
    try:
        asyncio.run(beside_a_task(way[3]))
    finally:
        mark("drop")


async def beside_a_task(way):
    async def task():
        try:
            await asyncio.sleep(LONG_S)
        finally:
            mark("task")

    held = asyncio.ensure_future(task())
    await asyncio.sleep(0)
    await way()
    return held


def asleep(seconds):
    try:
        time.sleep(seconds)
    finally:
        mark("thread")


def mark(name):
    os.write(2, ("! %s\n" % name).encode())  # past all buffers
# ANCHOR_END: leave


async def returns():
    pass


async def returns_beside():
    threading.Thread(target=asleep, args=[0.03]).start()


async def uncaught():
    raise ValueError("on purpose")


async def leaves():
    sys.exit(3)


async def thread_leaves():
    thread = threading.Thread(target=sys.exit, args=[3])
    thread.start()
    thread.join()


async def leaves_now():
    os._exit(3)


async def aborts():
    lab.no_core_file()
    os.abort()


async def waits():
    mark("ready")
    await asyncio.sleep(LONG_S)


# ANCHOR: handles
async def handles():
    # A handler runs in the main thread, between two of its steps.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
    await waits()
# ANCHOR_END: handles


CASES = [
    ("own", "it ends itself",
     [("returns", "main returns", None, returns),
      ("returns_beside", "main returns, a thread is no daemon", None,
       returns_beside),
      ("uncaught", "exception", None, uncaught),
      ("exit", "sys.exit", None, leaves),
      ("thread_exit", "sys.exit in a thread", None, thread_leaves),
      ("exit_now", "os._exit", None, leaves_now),
      ("aborts", "os.abort", None, aborts)]),
]
if hasattr(signal, "SIGKILL"):
    CASES.append(
        ("signal", "a signal ends it",
         [("term", "SIGTERM", signal.SIGTERM, waits),
          ("term_handled", "SIGTERM, handled", signal.SIGTERM, handles),
          ("int", "SIGINT", signal.SIGINT, waits),
          ("kill", "SIGKILL", signal.SIGKILL, waits)]))


def observe(run, name, _, number, __):
    run.elsewhere()
    child = subprocess.Popen(
        lab.rerun_self("leave", [name]), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        universal_newlines=True)
    said = []
    for line in child.stderr:
        if line == "! ready\n":
            child.send_signal(number)
        said.append(line)
    printed, _ = child.communicate()
    run.stop_clock()
    for name in MARKS:
        run.metric(name, "! %s\n" % name in said)
    run.metric("printed", printed == "printed")
    if child.returncode == -2:
        return "SIGINT"
    return lab.ending(child.returncode)


if __name__ == "__main__":
    sys.exit(main())
