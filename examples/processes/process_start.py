"""From the call that starts it to its first line: task, thread, process.

Run:  python examples/processes/process_start.py
See:  columns `first` (until its first line runs) and `join` (until it is over
      and waited for), each for one unit. Of the processes a forked one is
      there soonest. A spawned interpreter takes tens of milliseconds, about
      half of them for what this program imports: with `bare` in its name, a
      variant has an empty main module. A large parent slows fork down.

All of it on one hardware thread. The new unit notes the machine's clock, which
is the same in every process. Of tasks a chain is timed, each of which starts
the next. Needs Python 3.7.
"""

import asyncio
import multiprocessing
import os
import subprocess
import sys
import threading
import types

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.first_line import tell
from lab_os import stay_on, stay_on_one_core

# As many as in Rust, so that the answers agree.
UNITS = 10
# So many that one reading of the clock does not matter.
TASKS = 1000
LARGE = 200 << 20


def main():
    experiment = lab.Experiment(
        "process_start",
        "How long does a task, a thread or a process take to start?",
        baseline="thread")
    for case, label in [("small", "a small parent"),
                        ("large", "a parent with 200 MiB of memory in use")]:
        experiment.case(case, label)

        def add(kind, name, label, start, case=case):
            experiment.variant(kind, name, label,
                               lambda run: each(run, case, start, kind))

        experiment.variant("task", "task", "asyncio task",
                           lambda run, case=case: tasks(run, case))
        add("thread", "thread", "threading.Thread", thread)
        if hasattr(os, "fork"):
            add("process", "fork", "os.fork", forked)
        for method in multiprocessing.get_all_start_methods():
            # The others do not mind the parent's size, and take their time.
            if case == "small" or method == "fork":
                add("process", "mp_" + method, "multiprocessing, " + method,
                    lambda method=method: by_multiprocessing(method))
            if case == "small" and method != "fork":
                experiment.variant(
                    "process", "mp_%s_bare" % method,
                    "multiprocessing, %s, empty main module" % method,
                    lambda run, method=method:
                    int(lab.take_over(run, "bare", [method])))
        if case == "small":
            add("process", "subprocess", "subprocess, python -c", command)
    experiment.child("bare", bare)
    return experiment.run()


# ANCHOR: starts
def thread():
    times = []
    new = threading.Thread(target=lambda: times.append(lab.clock()))
    new.start()
    new.join()
    return times[0]


def forked():
    from_child, to_parent = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(to_parent, repr(lab.clock()).encode("ascii"))
        os._exit(0)  # or the child would go on with the parent's work
    first = os.read(from_child, 100)
    ended_well(os.waitpid(pid, 0)[1])
    os.close(from_child)
    os.close(to_parent)
    return float(first)


def by_multiprocessing(method):
    context = multiprocessing.get_context(method)
    from_child, to_parent = context.Pipe(duplex=False)
    child = context.Process(target=tell, args=(to_parent,))
    child.start()
    first = from_child.recv()
    child.join()
    ended_well(child.exitcode)
    return first
# ANCHOR_END: starts


def ended_well(status):
    """What a child has said counts only if it also ended as it should."""
    if status != 0:
        raise lab.Failure("a child ended with status %s" % status)


def command():
    tell = "import time; print(repr(time.perf_counter()))"
    return float(subprocess.check_output([sys.executable, "-c", tell]))


def each(run, case, start, kind):
    ballast = b"x" * LARGE if case == "large" else None
    if kind == "process":
        run.elsewhere()
    cpus = stay_on_one_core()
    start()  # pays for what is done once, such as starting the fork server
    run.start_clock()
    firsts, joins = times_of(start)
    run.stop_clock()
    stay_on(cpus)
    del ballast
    return note(run, firsts, joins, UNITS)


def times_of(start):
    firsts, joins = 0.0, 0.0
    for _ in range(UNITS):
        began = lab.clock()
        firsts += start() - began
        joins += lab.clock() - began
    return firsts, joins


def bare(args):
    """In a process of its own, since a fork server keeps what it imported: a
    child by a method of multiprocessing, with nothing in the main module."""
    sys.modules["__main__"] = types.ModuleType("__main__")

    def start():
        return by_multiprocessing(args[0])

    stay_on_one_core()
    start()
    firsts, joins = times_of(start)
    print("first_us %f\njoin_us %f\nanswer %d" % (
        firsts / UNITS * 1e6, joins / UNITS * 1e6, UNITS))


def tasks(run, case):
    ballast = b"x" * LARGE if case == "large" else None
    times = []

    async def nothing():
        pass

    async def chain_of(count):
        if count == 1:
            return lab.clock()
        return await asyncio.ensure_future(chain_of(count - 1))

    async def loop():
        run.start_clock()
        began = lab.clock()
        times.append(await asyncio.ensure_future(chain_of(TASKS)) - began)
        began = lab.clock()
        for _ in range(TASKS):
            await asyncio.ensure_future(nothing())
        times.append(lab.clock() - began)
        run.stop_clock()

    asyncio.run(loop())
    del ballast
    note(run, times[0], times[1], TASKS)
    return UNITS


def note(run, firsts, joins, units):
    run.metric("first_us", firsts / units * 1e6)
    run.metric("join_us", joins / units * 1e6)
    return units


if __name__ == "__main__":
    sys.exit(main())
