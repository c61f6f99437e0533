"""The ladder: what does one switch cost, from a call to a process?

Run:  python examples/switching/switch_ladder.py
See:  a generator is resumed for little more than a call. A task of asyncio's
      takes far longer than one of tokio's, since its loop is Python too. Two
      threads pay for the kernel's switch and for the global lock.

Each run makes many switches and divides. A switch leads from one flow to the
next, over whatever lies between. Python 3.7 or later.
"""

import asyncio
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.pingpong import (
    OnCore, ProcessPartner, ThreadPartner, cpus, partner, rung)

SWITCHES = 200000


def main():
    experiment = lab.Experiment("switch_ladder",
                                "What does one switch cost?", baseline="call")
    experiment.child("partner", partner)
    add = experiment.variant
    experiment.case("program", "inside one thread")
    add("alone", "call", "a function call", call)
    add("task", "two_generators", "two generators", generators)
    add("task", "task_yield", "asyncio.sleep(0)",
        lambda run: task_yield(run, 2))
    add("task", "task_yield_100", "the same, 100 tasks",
        lambda run: task_yield(run, 100))
    experiment.case("kernel", "into the kernel and back, no switch")
    add("alone", "syscall", "getppid", syscall)
    add("alone", "pipe", "write and read a pipe", pipe)
    there = cpus()
    for case, label, pair, rounds in [
            ("one_core", "two sides on one core", there[:1] * 2, 4000),
            ("two_cores", "two sides, a core each", there[:2], 1000)]:
        if len(pair) == 2:
            experiment.case(case, label)
            between_flows(add, pair, rounds)
    return experiment.run()


def between_flows(add, pair, rounds):
    add("thread", "thread_lock", "threads, two locks",
        lambda run: thread_lock(run, pair, rounds))
    add("thread", "thread_pipe", "threads, pipe",
        lambda run: through_pipes(run, pair, rounds, ThreadPartner))
    add("process", "process_pipe", "processes, pipe",
        lambda run: through_pipes(run, pair, rounds, ProcessPartner))


def call(run):
    def following(count):
        return count + 1

    def play():
        count = 0
        while count < SWITCHES:
            count = following(count)
        return count

    return rung(run, SWITCHES, play)


# ANCHOR: generator
def generators(run):
    def flow():
        count = 0
        while True:
            count += 1
            yield count

    def play():
        count, first, second = 0, flow().__next__, flow().__next__
        while count < SWITCHES // 2:
            first()
            count = second()  # the first one has just suspended
        return 2 * count

    return rung(run, SWITCHES, play)
# ANCHOR_END: generator


def task_yield(run, tasks):
    switches = SWITCHES // 10

    async def give_way():
        made = 0
        while made < switches // tasks:
            await asyncio.sleep(0)
            made += 1
        return made

    async def together():
        return sum(await asyncio.gather(*[give_way() for _ in range(tasks)]))

    return rung(run, switches, lambda: asyncio.run(together()))


def syscall(run):
    calls, parent = SWITCHES // 4, os.getppid()
    return rung(run, calls, lambda: sum(
        os.getppid() == parent for _ in range(calls)))


def pipe(run):
    throws = SWITCHES // 10
    back, to = os.pipe()

    def play():
        ball = 0
        for n in range(1, throws + 1):
            os.write(to, n.to_bytes(8, "little"))
            ball = int.from_bytes(os.read(back, 8), "little")
        return ball

    missing = rung(run, throws, play)
    os.close(back)
    os.close(to)
    return missing


def thread_lock(run, pair, rounds):
    """Each waits for a lock that the other releases."""
    turns = [threading.Lock(), threading.Lock()]
    for turn in turns:
        turn.acquire()
    counts = [0, 0]

    def play(me, rounds):
        for _ in range(rounds):
            turns[me].acquire()
            counts[me] += 1
            turns[1 - me].release()

    gate = lab.Gate(2)

    def other():
        os.sched_setaffinity(0, [pair[1]])
        gate.wait()
        play(1, rounds)

    def both():
        turns[0].release()
        play(0, rounds)
        turns[0].acquire()  # the last throw of the other
        return sum(counts)

    with OnCore(pair[0]):
        thread = threading.Thread(target=other)
        thread.start()
        gate.wait()
        missing = rung(run, 2 * rounds, both)
        thread.join()
    return missing


def through_pipes(run, pair, rounds, against):
    with OnCore(pair[0]):
        other = against(pair[1], 0)
        missing = rung(run, 2 * rounds, lambda: other.play(rounds),
                       lambda: other.end()[1])
    if against is ProcessPartner:
        run.elsewhere()  # half of the work
    return missing


if __name__ == "__main__":
    sys.exit(main())
