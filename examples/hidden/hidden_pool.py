"""The default executor's threads are all taken. What else goes through it,
unasked, and how long does it wait?

Run:  python examples/hidden/hidden_pool.py
See:  beside 24 jobs of 20 ms on 8 threads, a host's name and a file wait for
      most of 60 ms; to connect to an address waits for nothing. The default
      executor, a few threads more than cores, is filled as well. Jobs in an
      executor of their own, or let in four at a time, hold up nobody.

Needs Python 3.9.
"""

import asyncio
import os
import socket
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

JOB_S = 0.020  # one blocking call of somebody else's
EACH = 3  # so many for each thread of a pool
SIZE = 8
JOBS = EACH * SIZE
BEGUN_S = 0.001  # by then the first of them have begun
# What asyncio makes unless it is told otherwise, since Python 3.8.
DEFAULT = min(32, (os.cpu_count() or 1) + 4)


def main():
    experiment = lab.Experiment(
        "hidden_pool", "The pool is full: how long does a file, or a name, wait?",
        baseline="idle")
    idle = ("idle", "no jobs", SIZE, nobody)
    full = ("full", "8 threads, 24 jobs", SIZE, fill)
    own = ("own", "8, jobs in their own pool", SIZE, elsewhere)
    others = [
        ("larger", "32 threads, 24 jobs", 4 * SIZE, fill),
        ("default", "the default, 3 jobs a thread", None, fill_default),
        ("gated", "8, jobs 4 at a time", SIZE, gated)]
    for case, label, ask, pools in [
            ("name", "connect by name", connect_by_name,
             [idle, full, own] + others),
            ("address", "connect by address", connect_by_address,
             [idle, full]),
            ("file", "read a file", read_file, [idle, full, own])]:
        experiment.case(case, label)
        for name, says, size, send in pools:
            experiment.variant(
                "task", name, says,
                lambda run, size=size, send=send, ask=ask:
                asyncio.run(waits(run, size, send, ask)))
    return experiment.run()


async def waits(run, size, send, ask):
    loop = asyncio.get_running_loop()
    if size is not None:
        loop.set_default_executor(ThreadPoolExecutor(size))
    with socket.socket() as server, Scratch() as path, \
            ThreadPoolExecutor(SIZE) as own:
        server.bind(("127.0.0.1", 0))
        server.listen()
        jobs = send(loop, own)
        await asyncio.sleep(BEGUN_S)
        run.start_clock()
        answer = await ask(server.getsockname()[1], path)
        run.stop_clock()
        for job in jobs:
            job.cancel()  # what is queued is given up, what has begun ends
        await asyncio.gather(*jobs, return_exceptions=True)
    return answer


def nobody(loop, own):
    return []


# ANCHOR: jobs
def fill(loop, own, jobs=JOBS):
    """Sends all of them at once. This never waits: the queue has no bound."""
    return [loop.run_in_executor(None, time.sleep, JOB_S)
            for _ in range(jobs)]


def elsewhere(loop, own):
    return [loop.run_in_executor(own, time.sleep, JOB_S)
            for _ in range(JOBS)]


def gated(loop, own):
    """Sends so many at a time; the others wait here, in tasks."""
    places = asyncio.Semaphore(SIZE // 2)

    async def job():
        async with places:
            await loop.run_in_executor(None, time.sleep, JOB_S)

    return [asyncio.ensure_future(job()) for _ in range(JOBS)]
# ANCHOR_END: jobs


def fill_default(loop, own):
    return fill(loop, own, EACH * DEFAULT)


# ANCHOR: asks
async def connect_by_name(port, path):
    return await connect("localhost", port)  # looked up in the executor


async def connect_by_address(port, path):
    return await connect("127.0.0.1", port)  # nothing to look up


async def read_file(port, path):
    return await asyncio.to_thread(read, path)
# ANCHOR_END: asks


async def connect(host, port):
    _, writer = await asyncio.open_connection(host, port)
    writer.close()
    return "connected"


def read(path):
    with open(path) as file:
        return file.read()


class Scratch(object):
    """A file that is there as long as it is asked for."""

    def __enter__(self):
        number, self.path = tempfile.mkstemp(prefix="hidden-pool-")
        os.write(number, b"hello")
        os.close(number)
        return self.path

    def __exit__(self, *_):
        os.remove(self.path)


if __name__ == "__main__":
    sys.exit(main())
