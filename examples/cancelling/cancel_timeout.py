"""A timeout of 10 ms: how late is it, and does the work stop that it gave up?

Run:  python examples/cancelling/cancel_timeout.py
See:  a timeout is on time beside a task that waits, and as late as its
      neighbor computes or blocks; around work that computes all along there is
      none. Around a call that queues for a full pool it
      is on time; within the call it starts when the call does. It stops a
      coroutine, or the task that it waits for, or a call that still queues; a
      coroutine that swallows its cancellation goes on, and there is no timeout
      at all. A call that a thread has begun, a shielded task, a request at the
      server, a child process go on to their end, for nobody. Of two timeouts
      the shorter one is told; of two that are due at once, the outer one.

Nested timeouts are by `asyncio.timeout_at`, which needs Python 3.11; without it
they are left out.
"""

import asyncio
import concurrent.futures
import os
import queue
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
TIMES = 10  # so many works are given up
TIMEOUTS = 3  # so many timeouts are timed beside a neighbor


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
    experiment.variant("task", "itself", "nobody, but the work computes",
                       itself)
    experiment.variant("thread", "full_pool", "a full pool, around",
                       lambda run: beside_full_pool(run, around))
    experiment.variant("thread", "full_within", "a full pool, within",
                       lambda run: beside_full_pool(run, within))
    experiment.case("after", "work of 60 ms, given up after 10")
    for name, label, work in [
            ("future", "a coroutine", coroutine),
            ("handle", "a task", task),
            ("shield", "a task, shielded", shielded),
            ("deaf", "a coroutine that swallows it", deaf)]:
        experiment.variant("task", name, label,
                           lambda run, work=work: after(run, work))
    experiment.variant("task", "call", "run_in_executor", call)
    experiment.variant("task", "queued", "run_in_executor, ten on one",
                       lambda run: call(run, threads=1))
    experiment.variant("thread", "pool", "a pool's future.result", pool)
    experiment.variant("task", "request", "a request, at the server", request)
    experiment.variant("process", "child", "a child process",
                       lambda run: children(run, child))
    experiment.variant("process", "kill_on_drop", "killed when canceled",
                       lambda run: children(run, killed))
    if hasattr(asyncio, "timeout_at"):
        experiment.case("nested",
                        "a timeout within another, of 10 ms and of 40")
        for name, label, outer, inner in [
                ("outer", "the outer is shorter", 1, 4),
                ("inner", "the inner is shorter", 4, 1),
                ("at_once", "both are due at once", 1, 1)]:
            experiment.variant(
                "task", name, label, lambda run, outer=outer, inner=inner:
                nested(run, outer * TIMEOUT_S, inner * TIMEOUT_S))
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
        for _ in range(TIMEOUTS):
            due = time.perf_counter() + TIMEOUT_S
            try:
                await asyncio.wait_for(forever(), TIMEOUT_S)
            except asyncio.TimeoutError:
                late_s.append(time.perf_counter() - due)
        beside_us.cancel()
        return late_s

    return latest(run, asyncio.run(timeouts()))


def itself(run):
    """Timeouts around work that does not give way before its end."""
    async def timeouts():
        late_s, timed_out = [], 0
        for _ in range(TIMEOUTS):
            due = time.perf_counter() + TIMEOUT_S
            try:
                await asyncio.wait_for(computes(), TIMEOUT_S)
            except asyncio.TimeoutError:
                timed_out += 1
            late_s.append(time.perf_counter() - due)
        return late_s, timed_out

    late_s, timed_out = asyncio.run(timeouts())
    run.metric("timed_out", timed_out)
    return latest(run, late_s)


def beside_full_pool(run, ours):
    """Each time the pool's one thread is at work when our call comes."""
    async def timeouts():
        loop, late_s = asyncio.get_running_loop(), []
        with ThreadPoolExecutor(1) as threads:
            for _ in range(TIMEOUTS):
                others = loop.run_in_executor(threads, time.sleep, WORK_S)
                due = time.perf_counter() + TIMEOUT_S
                await ours(loop.run_in_executor(threads, gives_up))
                late_s.append(time.perf_counter() - due)
                await others
        return late_s

    return latest(run, asyncio.run(timeouts()))


async def around(call):
    try:
        await asyncio.wait_for(call, TIMEOUT_S)
    except asyncio.TimeoutError:
        pass


async def within(call):
    await call


def gives_up():
    """A call with a timeout of its own, as a socket has one."""
    try:
        queue.Queue().get(timeout=TIMEOUT_S)
    except queue.Empty:
        pass


def latest(run, late_s):
    run.metric("late_max_ms", max(late_s) * 1e3)
    return len(late_s)


def nested(run, outer_s, inner_s):
    """Who is told, and when?"""
    async def two():
        now = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(now + outer_s):
                try:
                    async with asyncio.timeout_at(now + inner_s):
                        await forever()
                except TimeoutError:
                    return "the inner"
        except TimeoutError:
            return "the outer"

    began = time.perf_counter()
    told = asyncio.run(two())
    run.metric("told_ms", (time.perf_counter() - began) * 1e3)
    run.metric("told_inner", int(told == "the inner"))
    return told


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


def call(run, threads=TIMES):
    done, loop = Done(), asyncio.get_running_loop

    def works():
        time.sleep(WORK_S)  # nobody can take a thread's turn away
        done.add()

    with ThreadPoolExecutor(threads) as pool:  # left when all are done
        give_up(run, lambda: loop().run_in_executor(pool, works))
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
    all of them are. They begin when all of them are there."""
    asks, begin = os.pipe()
    said, to_us = os.pipe()
    command = [sys.executable, "-I", "-S", "-c",
               "import os, time; os.read(0, 1); time.sleep(%s); "
               "os.write(1, b'.')" % WORK_S]

    async def all_of_them():
        started = [await asyncio.create_subprocess_exec(
            *command, stdin=asks, stdout=to_us) for _ in range(TIMES)]
        await asyncio.sleep(WORK_S)
        os.write(begin, b"." * TIMES)
        count = await given_up([lambda one=one: wait(one) for one in started])
        for one in started:
            await one.wait()
        return count

    run.metric("given_up", asyncio.run(all_of_them()))
    for pipe in (asks, begin, to_us):
        os.close(pipe)
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


def give_up(run, work):
    async def all_of_them():
        count = await given_up([work] * TIMES)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=PATIENCE_S)
        return count

    run.metric("given_up", asyncio.run(all_of_them()))


async def given_up(works):
    """Does all works at once; how many are not done in time?"""
    async def one(work):
        try:
            await asyncio.wait_for(work(), TIMEOUT_S)
        except asyncio.TimeoutError:
            return 1
        return 0

    return sum(await asyncio.gather(*[one(work) for work in works]))


def went_on(run, ended):
    run.metric("went_on", ended)
    return "%d of %d went on" % (ended, TIMES)


if __name__ == "__main__":
    sys.exit(main())
