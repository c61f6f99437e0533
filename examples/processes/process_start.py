"""From the call that starts it to its first line: task, thread, process.

Run:  python examples/processes/process_start.py
See:  columns `first` (until its first line runs) and `join` (until it is over
      and waited for), each for one unit. A forked process is there soonest; a
      new interpreter takes tens of milliseconds, whichever module starts it.
      A large parent makes fork dear and nothing else.

All of it on one hardware thread. The new unit notes the machine's clock, which
is the same in every process. Needs Python 3.7.
"""

import asyncio
import multiprocessing
import os
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from lab_os import stay_on, stay_on_one_core

# As many as in Rust, so that the answers agree.
UNITS = 10
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
            add("process", "mp_" + method, "multiprocessing, " + method,
                lambda method=method: by_multiprocessing(method))
        add("process", "subprocess", "subprocess, python -c", command)
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
    os.waitpid(pid, 0)
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
    return first


def tell(to_parent):
    to_parent.send(lab.clock())
# ANCHOR_END: starts


def command():
    tell = "import time; print(repr(time.perf_counter()))"
    return float(subprocess.check_output([sys.executable, "-c", tell]))


def each(run, case, start, kind):
    ballast = b"x" * LARGE if case == "large" else None
    if kind == "process":
        run.elsewhere()
    firsts, joins = [], []
    cpus = stay_on_one_core()
    start()  # pays for what is done once, such as starting the fork server
    run.start_clock()
    for _ in range(UNITS):
        began = lab.clock()
        firsts.append(start() - began)
        joins.append(lab.clock() - began)
    run.stop_clock()
    stay_on(cpus)
    del ballast
    return note(run, firsts, joins)


def tasks(run, case):
    ballast = b"x" * LARGE if case == "large" else None
    firsts, joins = [], []

    async def now():
        return lab.clock()

    async def loop():
        run.start_clock()
        for _ in range(UNITS):
            began = lab.clock()
            firsts.append(await asyncio.ensure_future(now()) - began)
            joins.append(lab.clock() - began)
        run.stop_clock()

    asyncio.run(loop())
    del ballast
    return note(run, firsts, joins)


def note(run, firsts, joins):
    run.metric("first_us", sum(firsts) / len(firsts) * 1e6)
    run.metric("join_us", sum(joins) / len(joins) * 1e6)
    return len(firsts)


if __name__ == "__main__":
    sys.exit(main())
