"""Where in its work is a thread stopped, and what do others see then?

Run:  python examples/preemptive/preempt_where.py
See:  two threads on one core are stopped in each of the eight parts of a step,
      and the sum is wrong in as large a share of an auditor's looks as the
      coin is on its way. Under a lock no look is wrong, and tasks on one
      thread need no lock for that. The global lock does not help: it protects
      the interpreter, not your change.

Python 3.8 or later.
"""

import asyncio
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.stops import PARTS, Positions, note_stops
from lab_os import stay_on_one_core
from lab_timeline import now_ns

COINS = 1000000000
LENGTH_NS = 300000000
PAUSE_S = 0.001


def main():
    if sys.version_info < (3, 8):
        sys.exit("preempt_where: needs Python 3.8 or later")
    experiment = lab.Experiment(
        "preempt_where",
        "Where in its work is a thread stopped, and who sees it?",
        baseline="none")
    for parts in (1, 4, 7):
        experiment.case(
            str(parts), "a coin is on its way for %d of 8 parts" % parts)
        experiment.variant(
            "thread", "threads", "2 threads",
            lambda run, parts=parts: threads(run, parts, False))
        experiment.variant(
            "thread", "locked", "2 threads, locked",
            lambda run, parts=parts: threads(run, parts, True))
        experiment.variant(
            "task", "tasks", "2 tasks, 1 thread",
            lambda run, parts=parts: tasks(run, parts))
    return experiment.run()


# ANCHOR: step
def step(pair, on_its_way, lane):
    pair.source -= 1
    for part in range(PARTS):
        if part == on_its_way:
            pair.target += 1
        work()
        lane.note(part)  # was I stopped during this part?
# ANCHOR_END: step


def work():
    x = 1
    for _ in range(20):
        x = x * 48271 % 0x7fffffff


class Pair(object):
    """Two accounts whose sum changes only while a coin is on its way. One
    thread only moves the coins."""

    def __init__(self):
        self.source = COINS
        self.target = 0
        self.whole = threading.Lock()

    def sum(self):
        return self.source + self.target


def threads(run, on_its_way, locked):
    pairs = [Pair(), Pair()]
    stops, sums = [], []
    gate = run.gate(3)

    def move(pair):
        stay_on_one_core()
        gate.wait()
        end = gate.began_ns + LENGTH_NS
        lane = Positions()
        while now_ns() < end:
            if locked:
                with pair.whole:
                    step(pair, on_its_way, lane)
            else:
                step(pair, on_its_way, lane)
        stops.append(lane.stops)

    def audit():
        stay_on_one_core()
        gate.wait()
        end = gate.began_ns + LENGTH_NS
        while not sums or now_ns() < end:
            time.sleep(PAUSE_S)
            for pair in pairs:
                if locked:
                    with pair.whole:
                        sums.append(pair.sum())
                else:
                    sums.append(pair.sum())

    workers = [threading.Thread(target=move, args=(pair,)) for pair in pairs]
    workers.append(threading.Thread(target=audit))
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    note_stops(run, stops, on_its_way)
    return conclude(run, pairs, sums)


def tasks(run, on_its_way):
    pairs = [Pair(), Pair()]
    sums = []

    async def move(pair, end):
        lane = Positions()
        while now_ns() < end:
            step(pair, on_its_way, lane)
            await asyncio.sleep(0)  # here, and nowhere else

    async def audit(end):
        while not sums or now_ns() < end:
            await asyncio.sleep(PAUSE_S)
            sums.extend(pair.sum() for pair in pairs)

    async def together():
        run.start_clock()  # the loop is there
        end = now_ns() + LENGTH_NS
        await asyncio.gather(move(pairs[0], end), move(pairs[1], end),
                             audit(end))

    asyncio.run(together())
    return conclude(run, pairs, sums)


def conclude(run, pairs, sums):
    run.metric("looks", len(sums))
    wrong = sum(1 for each in sums if each != COINS)
    run.metric("wrong_share", wrong / float(max(len(sums), 1)))
    return "%d coins" % sum(pair.sum() for pair in pairs)


if __name__ == "__main__":
    sys.exit(main())
