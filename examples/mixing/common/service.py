"""The arrangements, as processes that serve; and who sends the requests, which
is the Rust example's own child. See src/service.rs and src/load.rs.

A request computes, waits, computes, waits and computes. A worker is this
program again. It gets the socket it accepts from as an open file, and ends when
its input does. Needs Python 3.9, and a system that hands open files down.
"""

import asyncio
import functools
import multiprocessing
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from concurrent import futures

import lab

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.join(HERE, "..", "..")
KINDS = 4
LIGHT = (1 << 64) - 1  # asks for nothing that has to be computed
COMPUTE_S = 0.001
BACKLOG = 4096
# An interpreter for each core.
INTERPRETERS = sys.version_info >= (3, 14)
FREE = not getattr(sys, "_is_gil_enabled", lambda: True)()


# ANCHOR: job
class Job:
    def __init__(self, steps, wait_s):
        self.steps, self.wait_s = steps, wait_s

    def answer(self, n):
        """In a thread, which sleeps while it waits."""
        x = piece(n + 1, self.steps)
        time.sleep(self.wait_s)
        x = piece(x, self.steps)
        time.sleep(self.wait_s)
        return piece(x, self.steps)

    async def in_task(self, n, compute):
        """In a task, which gives way while it waits."""
        x = await compute(n + 1, self.steps)
        await asyncio.sleep(self.wait_s)
        x = await compute(x, self.steps)
        await asyncio.sleep(self.wait_s)
        return await compute(x, self.steps)


async def here(x, steps):
    return piece(x, steps)


async def in_thread(x, steps):
    return await asyncio.to_thread(piece, x, steps)
# ANCHOR_END: job


def right(job, n):
    x = n + 1
    for _ in range(3):
        x = piece(x, job.steps)
    return x


def piece(x, steps):
    for _ in range(steps):
        x = x * 48271 % 0x7fffffff
    return x


def job_of_ratio(ratio):
    """That waits so many times as long as it computes."""
    return Job(steps(), COMPUTE_S * ratio / 2)


@functools.lru_cache(maxsize=None)
def steps():
    """So many make a piece of a request here, which is found out once."""
    tried, least = 4000, 1.0
    for _ in range(60):
        began = time.perf_counter()
        piece(1, tried)
        least = min(least, time.perf_counter() - began)
    return int(COMPUTE_S / 3 / (least / tried))


class Service:
    """So many processes that accept from one socket, each in such a way with so
    many threads."""

    def __init__(self, way, processes, threads, job):
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(BACKLOG)
        self.address = "%s:%d" % listener.getsockname()
        handle = listener.fileno()
        command = lab.rerun_self(
            "serve", [way, handle, threads, job.steps, job.wait_s])
        self.workers = []
        for _ in range(processes):
            self.workers.append(subprocess.Popen(
                command, pass_fds=[handle], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE))
        listener.close()

    def __enter__(self):
        for worker in self.workers:
            if worker.stdout.readline() != b"ready\n":
                raise lab.Failure("a worker does not begin")
        return self

    def __exit__(self, *_):
        for worker in self.workers:
            worker.stdin.close()
        for worker in self.workers:
            worker.wait()
            worker.stdout.close()


def sent(example, service, job, words):
    """Sends requests to it, and returns what was seen, by name."""
    built = os.environ.get("LAB_EXAMPLE")
    command = [built] if built else [
        "cargo", "run", "-q", "--example", example, "--"]
    command += ["--child", "load", service.address] + [str(w) for w in words]
    command += [str(right(job, n)) for n in range(KINDS)]
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, universal_newlines=True,
                          cwd=None if built else ROOT)
    if done.returncode != 0:
        raise lab.Failure("the load: " + done.stderr)
    lines = [line.split(" ") for line in done.stdout.splitlines()]
    return {name: float(value) for name, value in lines}


def as_open(rate, length_s, in_time_s):
    return ["open", rate, int(length_s * 1e9), int(in_time_s * 1e9)]


def as_closed(at_once, length_s):
    return ["closed", at_once, int(length_s * 1e9)]


# What a worker process does.

def child(args):
    way, handle, threads, steps, wait_s = args
    job = Job(int(steps), float(wait_s))
    work = {"threads": in_threads, "asyncio": in_loop, "to_thread": beside_loop,
            "pool": beside_processes, "interpreters": in_interpreters}[way]
    threading.Thread(target=work, args=(int(handle), int(threads), job),
                     daemon=True).start()
    sys.stdin.read()
    for pool in POOLS:  # its processes would not notice that we are gone
        pool.shutdown(cancel_futures=True)
    if not POOLS:
        os._exit(0)  # whatever is under way


POOLS = []


def ready():
    os.write(1, b"ready\n")


# ANCHOR: workers
def in_threads(handle, threads, job):
    """Each takes a connection, and serves it."""
    listener = socket.socket(fileno=handle)

    def work():
        while True:
            connection, _ = listener.accept()
            with connection:
                serve(connection, job)

    for _ in range(threads - 1):
        threading.Thread(target=work, daemon=True).start()
    ready()
    work()


def in_loop(handle, _threads, job, compute=here):
    """A task for each connection."""
    asyncio.run(accept(handle, job, compute))


def beside_loop(handle, threads, job):
    """The same, and threads that compute."""
    in_loop(handle, threads, job, in_thread)


def beside_processes(handle, size, job):
    """The same, and a pool of processes that compute."""
    spawn = multiprocessing.get_context("spawn")
    pool = futures.ProcessPoolExecutor(size, mp_context=spawn)
    POOLS.append(pool)
    list(pool.map(piece, [1] * size, [1] * size))

    async def in_pool(x, steps):
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, piece, x, steps)

    in_loop(handle, size, job, in_pool)


async def accept(handle, job, compute):
    loop = asyncio.get_running_loop()
    listener = socket.socket(fileno=handle)
    listener.setblocking(False)
    server = await loop.create_server(
        lambda: Connection(job, compute), sock=listener, backlog=BACKLOG)
    ready()
    await server.serve_forever()
# ANCHOR_END: workers


def serve(connection, job):
    try:
        n, = struct.unpack("<Q", connection.recv(8))
        answer = 0 if n == LIGHT else job.answer(n)
        connection.sendall(struct.pack("<Q", answer))
    except (OSError, struct.error):
        pass  # whoever is gone gets no answer


class Connection(asyncio.Protocol):
    def __init__(self, job, compute):
        self.job, self.compute = job, compute

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        n, = struct.unpack("<Q", data)
        self.task = asyncio.ensure_future(self.answer(n))

    async def answer(self, n):
        answer = 0 if n == LIGHT else await self.job.in_task(n, self.compute)
        self.transport.write(struct.pack("<Q", answer))
        self.transport.close()


def in_interpreters(handle, count, job):
    """A loop in each interpreter, with a lock of its own."""
    from concurrent import interpreters

    code = ("import sys; sys.path[:0] = %r\n"
            "from common import service\n"
            "service.in_loop(%d, 1, service.Job(%d, %r))\n")

    def work(handle):
        interpreters.create().exec(
            code % (sys.path, handle, job.steps, job.wait_s))

    for _ in range(count - 1):
        threading.Thread(target=work, args=(os.dup(handle),),
                         daemon=True).start()
    work(handle)
