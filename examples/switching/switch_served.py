"""Waiting for many answers at once: threads against an event loop, in context
switches.

Run:  python examples/switching/switch_served.py
See:  a thread for each connection is switched once a request or more, the
      event loop once as well, unless several answers are there when it wakes
      up.

The server is the Rust example's, in a process of its own. It needs cargo, or
LAB_EXAMPLE=target/debug/examples/switch_served once that is built. Python 3.7
or later.
"""

import asyncio
import resource
import socket
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.pingpong import OnCore, cpus


def main():
    server = lab.Server("switch_served", "serve")
    experiment = lab.Experiment(
        "switch_served", "How many context switches does a request take?",
        baseline="threads")
    for connections, requests in [(1, 200), (10, 100), (100, 50)]:
        experiment.case(str(connections), "requests in flight")
        asked = (server, connections, requests)
        experiment.variant("thread", "threads", "a thread for each",
                           counted(threads, *asked))
        experiment.variant("task", "tasks", "asyncio, one thread",
                           counted(tasks, *asked))
    return experiment.run()


def counted(ask, server, connections, requests):
    def variant(run):
        address = server.address
        with OnCore((cpus() or [0])[0]):
            total, switches = ask(run, address, connections, requests)
        if switches is not None:
            each = switches / (connections * requests)
            run.metric("switches_each", each)
        return total
    return variant


def numbers(connection, requests):
    return range(connection * requests, (connection + 1) * requests)


def watched(work):
    """What work() returns, and the context switches of this thread."""
    if not hasattr(resource, "RUSAGE_THREAD"):
        return work(), None

    def now():
        usage = resource.getrusage(resource.RUSAGE_THREAD)
        return usage.ru_nvcsw + usage.ru_nivcsw

    before = now()
    return work(), now() - before


def threads(run, address, connections, requests):
    def ask(connection):
        total = 0
        with socket.create_connection(address) as server:
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for n in numbers(connection, requests):
                server.sendall(n.to_bytes(8, "little"))
                answer = server.recv(8, socket.MSG_WAITALL)  # it sleeps
                total += int.from_bytes(answer, "little")
        return total

    answers = run.together(connections, lambda i: watched(lambda: ask(i)))
    totals, switches = zip(*answers)
    return sum(totals), None if None in switches else sum(switches)


# ANCHOR: tasks
def tasks(run, address, connections, requests):
    async def ask(connection):
        back, to = await asyncio.open_connection(*address)
        total = 0
        for n in numbers(connection, requests):
            to.write(n.to_bytes(8, "little"))
            answer = await back.readexactly(8)  # the other tasks go on
            total += int.from_bytes(answer, "little")
        to.close()
        return total

    async def ask_all():
        run.start_clock()  # the loop is there
        total = sum(await asyncio.gather(*map(ask, range(connections))))
        run.stop_clock()
        return total

    return watched(lambda: asyncio.run(ask_all()))
# ANCHOR_END: tasks


if __name__ == "__main__":
    sys.exit(main())
