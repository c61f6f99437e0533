"""Thousands of requests at once: none is answered before all of them are open.

Run:  python examples/event_loop/loop_many.py
See:  a thousand and ten thousand requests open at the same moment on asyncio's
      one thread, and what a thread for each of them needs instead.

Needs Python 3.7 and Unix. Each client is a process of its own; the server is
the Rust example's. It needs cargo, or
LAB_EXAMPLE=target/debug/examples/loop_many once it is built.
"""

import asyncio
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "lab", "python"))
import lab
from common import asking, crowd

COUNTS = (1000, 10000)


def main():
    server = lab.Server("loop_many", "serve")

    def in_child(name, count):
        return lambda run: crowd.watch(run, server.address, name, count)

    experiment = lab.Experiment(
        "loop_many", "Thousands of requests open at once: what do they need?",
        baseline="threads")
    room = crowd.room()
    for count in COUNTS:
        if count > room:
            continue
        experiment.case(str(count), "requests at once")
        # Ten thousand threads would take most of the measurement's time.
        if count <= 1000:
            experiment.variant("thread", "threads", "sockets, a thread each",
                               in_child("threads", count))
        experiment.variant("task", "asyncio", "asyncio's streams, tasks",
                           in_child("asyncio", count))
    if max(COUNTS) > room and not lab.is_child():
        sys.stderr.write(
            "loop_many: this process's limit of open files has room for %d "
            "requests; cases beyond it are left out. `ulimit -n` shows the "
            "limit, and may raise it.\n" % room)
    experiment.child(
        "client", lambda args: crowd.answer(CLIENTS[args[0]], *args[1:]))
    return experiment.run()


def tasks(site, count):
    return asyncio.run(asking.tasks(site, count))


CLIENTS = {"threads": asking.threads, "asyncio": tasks}


if __name__ == "__main__":
    sys.exit(main())
