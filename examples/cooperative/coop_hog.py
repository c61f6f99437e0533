"""A ticker wants to run every 10 ms. Its neighbor computes in bursts of 0, 1,
10 or 100 ms and gives way only in between.

Run:  python examples/cooperative/coop_hog.py
See:  the ticker is late by up to three bursts. With a yield after each
      millisecond it is not. In a thread of its own it is late by about the
      switch interval, 5 ms, whatever the bursts.
"""

import asyncio
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from lab_os import on_one_core

TICKS = 20
TICK_S = 0.01
clock = time.monotonic


def main():
    experiment = lab.Experiment(
        "coop_hog", "How late is a ticker beside a task that computes?",
        baseline="hog")
    for ms in [0, 1, 10, 100]:
        burst = ms / 1000
        experiment.case(str(ms), "bursts of %d ms" % ms)
        experiment.variant(
            "task", "hog", "two tasks",
            lambda run, burst=burst: two_tasks(run, burst, burst))
        experiment.variant(
            "task", "cured", "a yield each ms",
            lambda run, burst=burst: two_tasks(run, burst, 0.001))
        experiment.variant(
            "thread", "threads", "two threads",
            lambda run, burst=burst: on_one_core(
                lambda: two_threads(run, burst)))
    return experiment.run()


# ANCHOR: hog
async def hog(burst, piece, over):
    while not over:
        left = burst
        while True:
            compute(min(left, piece))
            left -= piece
            await asyncio.sleep(0)  # nobody else runs before this line
            if left <= 0:
                break


async def ticker(over):
    began, late = clock(), []
    for n in range(1, TICKS + 1):
        planned = began + n * TICK_S
        if planned > clock():  # sleep(0) would cost another burst
            await asyncio.sleep(planned - clock())
        late.append(clock() - planned)
    over.append(True)
    return late
# ANCHOR_END: hog


def two_tasks(run, burst, piece):
    async def both():
        over = []
        return (await asyncio.gather(ticker(over),
                                     hog(burst, piece, over)))[0]

    return keep(run, asyncio.run(both()))


def two_threads(run, burst):
    def hog():
        gate.wait()
        while not over:
            compute(burst)

    over, late, gate = [], [], run.gate(2)
    neighbor = threading.Thread(target=hog)
    neighbor.start()
    gate.wait()
    began = clock()
    for n in range(1, TICKS + 1):
        planned = began + n * TICK_S
        time.sleep(max(planned - clock(), 0))
        late.append(clock() - planned)
    over.append(True)
    neighbor.join()
    return keep(run, late)


def compute(burst):
    began, x = clock(), 1
    while clock() - began < burst:
        for _ in range(20):
            x = x * 48271 % 0x7fffffff


def keep(run, late):
    late.sort()
    run.metric("late_p50_ms", late[len(late) // 2] * 1000)
    run.metric("late_max_ms", late[-1] * 1000)
    return len(late)


if __name__ == "__main__":
    sys.exit(main())
