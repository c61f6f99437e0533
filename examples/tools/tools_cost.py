"""What does it cost a Python program to be looked at?

Run:  python examples/tools/tools_cost.py
See:  py-spy, which reads another process's memory, costs little, and an armed
      faulthandler nothing; asyncio's debug mode, strace where there are system
      calls, and cProfile, which is told of each call, cost more.

Each program does what it does for 200 ms, and tells what one step took it, and
the longest time in which nothing happened.
"""

import asyncio
import cProfile
import faulthandler
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.tool import Absent, py_spy_path

TIME_S = 0.2
LIMIT_S = 10

PROGRAMS = [
    ("computes", "it computes, with a call for each step",
     ["alone", "py_spy", "faulthandler", "profile"]),
    ("calls", "one system call after another",
     ["alone", "py_spy", "strace_c"]),
    ("tasks", "two tasks give way again and again",
     ["alone", "py_spy", "debug"]),
]


def main():
    experiment = lab.Experiment(
        "tools_cost", "How much slower is a program that is looked at?",
        baseline="alone")
    experiment.observed()
    for program, label, tools in PROGRAMS:
        experiment.case(program, label)
        kind = "task" if program == "tasks" else "alone"
        for tool in tools:
            experiment.variant(
                kind, tool, TOOLS[tool],
                lambda run, tool=tool, program=program:
                    looked_at(run, tool, program))
    experiment.child("works", lambda args: works(*args))
    return experiment.run()


TOOLS = {
    "alone": "alone",
    "py_spy": "py-spy record --rate 100",
    "faulthandler": "faulthandler.dump_traceback_later(60)",
    "debug": "PYTHONASYNCIODEBUG=1",
    "strace_c": "strace -c -f",
    "profile": "cProfile",
}


def looked_at(run, tool, program):
    run.elsewhere()
    own = lab.rerun_self("works", [program, tool])
    given = {"PYTHONASYNCIODEBUG": "1"} if tool == "debug" else {}
    folder = tempfile.mkdtemp()
    kept = os.path.join(folder, "kept")
    try:
        if tool == "py_spy":
            own = [py_spy_path(), "record", "--rate", "100", "--format", "raw",
                   "--output", kept, "--"] + own
        elif tool == "strace_c":
            own = ["strace", "-c", "-f", "-o", kept] + own
        done = subprocess.run(
            own, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, universal_newlines=True,
            timeout=LIMIT_S, env=dict(os.environ, **given))
    except Absent as why:
        return "absent: %s" % why
    except OSError:
        return "absent: %s is not installed" % own[0]
    finally:
        shutil.rmtree(folder)
    told = [line.split() for line in done.stdout.splitlines()
            if line.startswith("told ")]
    if not told:
        return "absent: it may not look here"
    run.metric("each_ns", told[0][1])
    run.metric("gap_ms", told[0][2])
    return "done"


def works(program, tool):
    """In the child: does its work, and tells."""
    if tool == "faulthandler":
        faulthandler.dump_traceback_later(60)
    profile = cProfile.Profile() if tool == "profile" else None
    if profile:
        profile.enable()
    if program == "tasks":
        each_ns, gap_ms = asyncio.run(give_way())
    else:
        each_ns, gap_ms = steps(step if program == "computes" else os.getppid)
    if profile:
        profile.disable()
    faulthandler.cancel_dump_traceback_later()
    print("told %f %f" % (each_ns, gap_ms))


def step():
    x = 7
    for n in range(20):
        x = x * 31 % 1009 + n
    return x


# ANCHOR: steps
def steps(step):
    """What a step takes, in ns, and the longest time between two looks, in
    ms."""
    began = then = now = time.perf_counter()
    n = gap = 0
    while now - began < TIME_S:
        for _ in range(100):
            step()
        n += 100
        now = time.perf_counter()
        gap = max(gap, now - then)
        then = now
    return (now - began) / n * 1e9, gap * 1e3
# ANCHOR_END: steps


async def give_way():
    over = time.perf_counter() + TIME_S

    async def gives_way():
        n = gap = 0
        then = time.perf_counter()
        while then < over:
            for _ in range(100):
                await asyncio.sleep(0)
            n += 100
            now = time.perf_counter()
            gap = max(gap, now - then)
            then = now
        return n, gap

    began = time.perf_counter()
    told = await asyncio.gather(gives_way(), gives_way())
    took = time.perf_counter() - began
    return took / sum(n for n, _ in told) * 1e9, told[0][1] * 1e3


if __name__ == "__main__":
    sys.exit(main())
