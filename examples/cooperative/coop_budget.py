"""A task awaits a hundred thousand things that are ready. How often does its
neighbor get a turn meanwhile?

Run:  python examples/cooperative/coop_budget.py
See:  never, whether it awaits a coroutine that returns at once or a queue that
      is full: asyncio counts nothing. With a sleep(0) after each 128 it does.
"""

import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

ALL = 100000


def main():
    experiment = lab.Experiment(
        "coop_budget", "Does an await that is ready give way?",
        baseline="ready")
    for name, label, task in [
            ("ready", "a ready coroutine", ready),
            ("channel", "asyncio's queue", channel),
            ("consumed", "paid by hand", consumed)]:
        experiment.variant("task", name, label,
                           lambda run, task=task: beside(run, task))
    return experiment.run()


async def at_once(n):
    return n


async def ready():
    total = 0
    for n in range(1, ALL + 1):
        total += await at_once(n)
    return total


async def channel():
    queue = asyncio.Queue()
    for n in range(1, ALL + 1):
        queue.put_nowait(n)
    total = 0
    while not queue.empty():
        total += await queue.get()
    return total


async def consumed():
    total = 0
    for n in range(1, ALL + 1):
        total += await at_once(n)
        if n % 128 == 0:
            await asyncio.sleep(0)
    return total


def beside(run, task):
    over, turns = [], []

    async def end():
        total = await task()
        over.append(True)
        return total

    async def neighbor():
        while not over:
            turns.append(True)
            await asyncio.sleep(0)

    async def both():
        return (await asyncio.gather(end(), neighbor()))[0]

    total = asyncio.run(both())
    run.metric("turns", len(turns))
    if turns:
        run.metric("ready_each_turn", ALL / len(turns))
    return total


if __name__ == "__main__":
    sys.exit(main())
