"""An event loop runs its tasks in the order in which they became ready. Whom does
that keep waiting?

Run:  python examples/fair/fair_slot.py
See:  two tasks that wake each other are run once or twice, and then it is a third
      one's turn: asyncio has a queue, and no slot. A task that was started by
      one that then computes waits until that is done, as there is no other
      worker; after a sleep(0) it does not.
"""

import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.turns import spin

ROUNDS = 2000
HOG_S = 0.020


def main():
    experiment = lab.Experiment(
        "fair_slot", "Whom does a loop's order keep waiting?", baseline="queue")
    experiment.case("pair", "two that wake each other, and a third")
    experiment.variant("task", "queue", "asyncio",
                       lambda run: asyncio.run(pair(run)))
    experiment.case("behind", "started by one that then computes")
    experiment.variant("task", "queue", "at once",
                       lambda run: asyncio.run(behind(run, False)))
    experiment.variant("task", "yields", "after sleep(0)",
                       lambda run: asyncio.run(behind(run, True)))
    return experiment.run()


# ANCHOR: pair
async def partner(mine, theirs, counts):
    for _ in range(ROUNDS):
        await mine.wait()
        mine.clear()
        counts["polls"] += 1
        theirs.set()


async def third(counts):
    last = most = 0
    while not counts["over"]:
        now = counts["polls"]
        if last > ROUNDS // 2:
            most = max(most, now - last)  # they have found their rhythm
        last = now
        await asyncio.sleep(0)
    return most
# ANCHOR_END: pair


async def pair(run):
    counts = {"polls": 0, "over": False}
    ping, pong = asyncio.Event(), asyncio.Event()
    two = [asyncio.ensure_future(partner(ping, pong, counts)),
           asyncio.ensure_future(partner(pong, ping, counts))]
    watches = asyncio.ensure_future(third(counts))
    run.start_clock()
    ping.set()
    await asyncio.gather(*two)
    counts["over"] = True
    run.metric("most_between", await watches)
    return "each was polled in the end"


# ANCHOR: behind
async def behind(run, yields):
    late = []

    async def begins(asked):
        late.append(lab.clock() - asked)

    started = asyncio.ensure_future(begins(lab.clock()))
    if yields:
        await asyncio.sleep(0)  # and what is ready runs before us
    spin(HOG_S)
    await started
    run.metric("late_ms", late[0] * 1e3)
    return "all were run"
# ANCHOR_END: behind


if __name__ == "__main__":
    sys.exit(main())
