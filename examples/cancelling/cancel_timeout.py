"""A timeout of 10 ms: how late is it, and does the work stop that it gave up?

Run:  python examples/cancelling/cancel_timeout.py
See:  a timeout is on time beside a task that waits, and as late as its
      neighbor computes or blocks. It stops a coroutine, or the task that it
      waits for, unless that swallows its cancellation: then the timeout is
      late, too. A call in another thread, a shielded task, a request at the
      server, a child process go on to their end, for nobody.
"""

import asyncio
import concurrent.futures
import os
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

TIMEOUT_S = 0.010
WORK_S = 0.060  # the neighbor's at a time, and what is given up
PAUSE_S = 0.003
PATIENCE_S = 5  # by then whatever goes on has come to its end
TIMES = 10


def main():
    experiment = lab.Experiment("cancel_timeout", "What does a timeout stop?",
                                baseline="alone")
    experiment.observed()
    experiment.case("late", "a timeout of 10 ms beside a neighbor")
    for name, label, neighbor in [
            ("alone", "nobody", forever),
            ("awaits", "it awaits 60 ms", awaits),
            ("computes", "it computes 60 ms", computes),
            ("blocks", "it blocks 60 ms", blocks)]:
        experiment.variant(
            "task", name, label,
            lambda run, neighbor=neighbor: beside(run, neighbor))
    experiment.case("after", "work of 60 ms, given up after 10")
    for name, label, work in [
            ("future", "a coroutine", coroutine),
            ("handle", "a task", task),
            ("shield", "a task, shielded", shielded),
            ("deaf", "a coroutine that swallows it", deaf)]:
        experiment.variant("task", name, label,
                           lambda run, work=work: after(run, work))
    experiment.variant("task", "call", "run_in_executor", call)
    experiment.variant("thread", "pool", "a pool's future.result", pool)
    experiment.variant("task", "request", "a request, at the server", request)
    experiment.variant("process", "child", "a child process",
                       lambda run: children(run, child))
    experiment.variant("process", "kill_on_drop", "killed when canceled",
                       lambda run: children(run, killed))
    return experiment.run()


async def forever():
    await asyncio.Event().wait()


async def awaits():
    await asyncio.sleep(WORK_S)


async def computes():
    began = time.perf_counter()
    while time.perf_counter() - began < WORK_S:
        pass


async def blocks():
    time.sleep(WORK_S)


def beside(run, neighbor):
    async def works():
        while True:
            await neighbor()
            await asyncio.sleep(PAUSE_S)

    async def timeouts():
        beside_us, late_s = asyncio.ensure_future(works()), []
        for _ in range(TIMES):
            due = time.perf_counter() + TIMEOUT_S
            try:
                await asyncio.wait_for(forever(), TIMEOUT_S)
            except asyncio.TimeoutError:
                late_s.append(time.perf_counter() - due)
        beside_us.cancel()
        return late_s

    late_s = asyncio.run(timeouts())
    run.metric("late_max_ms", max(late_s) * 1e3)
    return len(late_s)


class Done(object):
    """Counts works that have come to their end."""

    def __init__(self):
        self.count = 0
        self._lock = threading.Lock()

    def add(self):
        with self._lock:
            self.count += 1


# ANCHOR: after
async def coroutine(done):
    await asyncio.sleep(WORK_S)  # canceled here
    done.add()


async def task(done):
    await asyncio.create_task(coroutine(done))  # who awaits it, cancels it


async def shielded(done):
    await asyncio.shield(coroutine(done))


async def deaf(done):
    try:
        await asyncio.sleep(WORK_S)
    except asyncio.CancelledError:
        await asyncio.sleep(WORK_S)  # and nothing is raised
    done.add()


def call(run):
    done, loop = Done(), asyncio.get_running_loop

    def works():
        time.sleep(WORK_S)  # nobody can take a thread's turn away
        done.add()

    with ThreadPoolExecutor(TIMES) as threads:  # left when all are done
        give_up(run, lambda: loop().run_in_executor(threads, works))
    return went_on(run, done.count)
# ANCHOR_END: after


def after(run, work):
    """Gives ten works up at once; how many go on to their end?"""
    done = Done()
    give_up(run, lambda: work(done))
    return went_on(run, done.count)


def pool(run):
    done, given_up = Done(), 0

    def works():
        time.sleep(WORK_S)
        done.add()

    with ThreadPoolExecutor(TIMES) as threads:
        waits = [threads.submit(works) for _ in range(TIMES)]
        due = time.perf_counter() + TIMEOUT_S
        for wait in waits:
            try:
                wait.result(max(0, due - time.perf_counter()))
            except concurrent.futures.TimeoutError:
                given_up += 1
    run.metric("given_up", given_up)
    return went_on(run, done.count)


def request(run):
    done = Done()
    address, server = serve(done)

    async def ask():
        reader, writer = await asyncio.open_connection(*address)
        try:
            writer.write(b"?")
            await reader.readexactly(1)
        finally:
            writer.close()

    give_up(run, ask)
    server.join()
    return went_on(run, done.count)


def serve(done):
    """Answers ten questions, each after its work, and counts what it has
    done."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(TIMES)

    def answer(client):
        with client:
            client.recv(1)
            time.sleep(WORK_S)
            done.add()
            try:
                client.sendall(b"!")
            except OSError:
                pass  # it has gone, and we did not know

    def accept():
        clients = [threading.Thread(target=answer, args=listener.accept()[:1])
                   for _ in range(TIMES)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        listener.close()

    server = threading.Thread(target=accept)
    server.start()
    return listener.getsockname(), server


def children(run, wait):
    """Each says one byte at its end, into a pipe that is at its own end when
    all of them are."""
    said, to_us = os.pipe()
    command = [sys.executable, "-c",
               "import time; time.sleep(%s); print(end='.')" % WORK_S]

    def start():
        return asyncio.create_subprocess_exec(*command, stdout=to_us)

    give_up(run, wait, start)
    os.close(to_us)
    with open(said, "rb") as pipe:
        return went_on(run, len(pipe.read()))


# ANCHOR: child
async def child(process):
    await process.wait()  # canceled, it waits no more, and the child goes on


async def killed(process):
    try:
        await process.wait()
    except asyncio.CancelledError:
        process.kill()
        raise
# ANCHOR_END: child


def give_up(run, work, start=None):
    processes = []

    async def one():
        if start:
            processes.append(await start())  # before the timeout
        try:
            await asyncio.wait_for(work(*processes[-1:]), TIMEOUT_S)
        except asyncio.TimeoutError:
            return 1
        return 0

    async def all_at_once():
        given_up = await asyncio.gather(*[one() for _ in range(TIMES)])
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=PATIENCE_S)
        for process in processes:
            await process.wait()
        return sum(given_up)

    run.metric("given_up", asyncio.run(all_at_once()))


def went_on(run, ended):
    run.metric("went_on", ended)
    return "%d of %d went on" % (ended, TIMES)


if __name__ == "__main__":
    sys.exit(main())
