"""main is over, and a call of 200 ms is still running. When does the program
end?

Run:  python examples/ending/ending_blocked.py
See:  the interpreter waits for threads, but not for daemons, which are cut off.
      An executor does all of its jobs first, those in line, too, unless they
      are canceled. asyncio.run cancels its tasks, and waits for what to_thread
      has begun.
"""

import asyncio
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.crowd import ends_by, say

CALL_S = 0.2  # so long the call takes
MOMENT_S = 0.02  # for what cannot tell that it has begun


def main():
    experiment = lab.Experiment(
        "ending_blocked", "main is over, a call is running: when does it end?",
        baseline="none")
    experiment.observed()

    def case(name, label, kind, ways):
        experiment.case(name, label)
        for way, says in ways:
            experiment.variant(kind, way, says,
                               lambda run, way=way: ends(run, way))

    case("threading", "threading", "thread",
         [("thread", "a thread"), ("daemon", "a daemon"),
          ("stdin", "a daemon that reads stdin")])
    case("executor", "ThreadPoolExecutor", "thread",
         [("job", "a job"), ("queued", "two jobs, one thread"),
          ("canceled", "the same, cancel_futures=True")])
    case("asyncio", "asyncio.run", "task",
         [("task", "a task, in an await"), ("to_thread", "to_thread"),
          ("to_thread_stdin", "to_thread that reads stdin")])
    experiment.child("end", end)
    return experiment.run()


def ends(run, way):
    run.elsewhere()
    child = subprocess.Popen(
        lab.rerun_self("end", [way]), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, universal_newlines=True)
    if child.stdout.readline() != "over\n":
        raise lab.Failure("%s: main is not over" % way)
    run.start_clock()
    if way.endswith("stdin"):
        ends_by(child, lab.clock() + CALL_S)
    child.stdin.close()  # as if somebody pressed enter
    done = len(child.stdout.readlines())
    child.wait()
    run.stop_clock()
    child.stdout.close()
    run.metric("exit_ms", run.elapsed() * 1e3)
    run.metric("done", done)
    jobs = 2 if way in ("queued", "canceled") else 1
    return "%d of %d done, %s" % (done, jobs, lab.ending(child.returncode))


BEGUN = threading.Event()


def call():
    BEGUN.set()
    time.sleep(CALL_S)
    say("done")


def read_line():
    sys.stdin.readline()
    say("done")


# ANCHOR: ends
def end(args):
    way = args[0]
    if way in ("thread", "daemon"):
        threading.Thread(target=call, daemon=way == "daemon").start()
        BEGUN.wait()
    elif way == "stdin":
        threading.Thread(target=read_line, daemon=True).start()
        time.sleep(MOMENT_S)
    elif way in ("job", "queued", "canceled"):
        pool = ThreadPoolExecutor(1)
        for _ in range(1 if way == "job" else 2):
            pool.submit(call)
        BEGUN.wait()
        if way == "canceled":
            pool.shutdown(wait=False, cancel_futures=True)
    else:
        asyncio.run(in_asyncio(way))
        return
    say("over")


async def in_asyncio(way):
    if way == "task":
        task = asyncio.create_task(call_of_task())
    elif way == "to_thread":
        task = asyncio.create_task(asyncio.to_thread(call))
    else:
        task = asyncio.create_task(asyncio.to_thread(read_line))
    await asyncio.sleep(MOMENT_S)
    say("over")
    return task
# ANCHOR_END: ends


async def call_of_task():
    await asyncio.sleep(CALL_S)
    say("done")


if __name__ == "__main__":
    sys.exit(main())
