"""A ticker that should wake every 10 ms, beside a hog, on one core.

Run:  python examples/preemptive/preempt_ticker.py
See:  beside a hog in another thread the ticker is late by the switch interval
      of the global lock and more, and making the hog nice does not help: it
      has the lock. Beside eight hogs it waits for several of them. As a task
      beside a task that hogs their thread, it is late by up to three of
      the hog's bursts.

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
from common.ticker import Ticker
from lab_os import stay_on_one_core
from lab_timeline import Lane, now_ns

BURST_NS = 50000000


def main():
    if sys.version_info < (3, 8):
        sys.exit("preempt_ticker: needs Python 3.8 or later")
    experiment = lab.Experiment(
        "preempt_ticker",
        "How late is a 10 ms ticker beside a hog on its core?",
        baseline="none")
    experiment.variant("alone", "alone", "no hog",
                       lambda run: threads(run, []))
    experiment.variant("thread", "threads", "a hog in another thread",
                       lambda run: threads(run, [0]))
    if hasattr(os, "setpriority"):
        experiment.variant("thread", "niced", "that hog at nice 19",
                           lambda run: threads(run, [19]))
    experiment.variant("thread", "crowd", "8 hogs, a thread each",
                       lambda run: threads(run, [0] * 8))
    experiment.variant("task", "tasks", "a hog in another task", tasks)
    return experiment.run()


def threads(run, hogs):
    over = threading.Event()
    gate = run.gate(len(hogs) + 1)
    ticker = Ticker()
    lanes = []

    def hog(nice):
        stay_on_one_core()
        if nice:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), nice)
        gate.wait()
        lane = Lane("hog", gate.began_ns)
        while not over.is_set():
            lane.note()  # never waits, never gives way
        lanes.append(lane.finish())

    def tick():
        stay_on_one_core()
        gate.wait()
        ticker.start(gate.began_ns)
        while ticker.wanted():
            time.sleep(ticker.pause_s())
            ticker.tick()
        ticker.finish()
        over.set()

    workers = [threading.Thread(target=hog, args=(nice,)) for nice in hogs]
    workers.append(threading.Thread(target=tick))
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    return ticker.conclude(run, lanes)


def tasks(run):
    over, epoch_ns = [], []
    ticker = Ticker()
    lanes = []

    async def hog():
        lane = Lane("hog", epoch_ns[0])
        while not over:
            burst_ends = now_ns() + BURST_NS
            while lane.note() < burst_ends:
                pass  # no other task can run now
            lane.enter("waiting-io")
            await asyncio.sleep(0)
            lane.leave_wait()
        lanes.append(lane.finish())

    async def tick():
        ticker.start(epoch_ns[0])
        while ticker.wanted():
            await asyncio.sleep(ticker.pause_s())
            ticker.tick()
        ticker.finish()
        over.append(True)

    async def together():
        run.start_clock()  # the loop is there
        epoch_ns.append(now_ns())
        await asyncio.gather(tick(), hog())

    asyncio.run(together())
    return ticker.conclude(run, lanes)


if __name__ == "__main__":
    sys.exit(main())
