"""A loop sleeps, and a thread has something for it. When does the loop see it?

Run:  python examples/event_loop/loop_bell.py
See:  column `late`: what a thread puts into a queue of asyncio's is seen when
      something else wakes the loop, here an alarm after 100 ms, or a ticker
      beside it. By call_soon_threadsafe it is seen at once: that rings the
      loop's bell. Debug mode refuses the call of the wrong thread, and says
      how it is called.

Needs Python 3.9.
"""

import asyncio
import os
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "lab", "python"))
import lab

ITEMS = 3
ASLEEP = 0.010  # by then the loop sleeps
ALARM = 0.100  # and then it is woken in any case
TICK = 0.010


def main():
    experiment = lab.Experiment(
        "loop_bell",
        "A thread has something for a sleeping loop: how late is it?",
        baseline="task")
    for name, label, put, ticks in [
            ("task", "a task puts", None, False),
            ("put_nowait", "a thread, put_nowait", put_nowait, False),
            ("beside_ticker", "the same, beside a ticker", put_nowait, True),
            ("threadsafe", "call_soon_threadsafe", threadsafe, False),
            ("coroutine", "run_coroutine_threadsafe", coroutine, False)]:
        experiment.variant(
            "task", name, label,
            lambda run, put=put, ticks=ticks: asyncio.run(
                receive(run, put, ticks)))
    experiment.observed()
    experiment.variant("task", "debug", "put_nowait, debug mode", debug)
    return experiment.run()


# ANCHOR: put
def put_nowait(loop, queue, item):
    queue.put_nowait(item)  # and nobody rings


def threadsafe(loop, queue, item):
    loop.call_soon_threadsafe(queue.put_nowait, item)


def coroutine(loop, queue, item):
    asyncio.run_coroutine_threadsafe(queue.put(item), loop)
# ANCHOR_END: put


async def receive(run, put, ticks):
    loop, queue, late = asyncio.get_running_loop(), asyncio.Queue(), []
    ticker = asyncio.ensure_future(tick()) if ticks else None
    for n in range(ITEMS):
        if put:
            sender = threading.Thread(
                target=send_later, args=(put, loop, queue, n))
            sender.start()
        else:
            loop.call_later(ASLEEP, lambda: queue.put_nowait(lab.clock()))
        alarm = loop.call_later(ALARM, lambda: None)
        sent = await queue.get()
        late.append((lab.clock() - sent) * 1e6)
        alarm.cancel()
        if put:
            sender.join()
    if ticker:
        ticker.cancel()
    run.metric("late_us", sorted(late)[len(late) // 2])
    return "%d items" % len(late)


def send_later(put, loop, queue, n):
    time.sleep(ASLEEP + n * TICK / ITEMS)  # not always before the same tick
    put(loop, queue, lab.clock())


async def tick():
    while True:
        await asyncio.sleep(TICK)


def debug(run):
    """What debug mode says to the thread, and whether who waits is woken."""
    loop = asyncio.new_event_loop()
    loop.set_debug(True)
    # Of the task that is left behind we know.
    loop.set_exception_handler(lambda loop, context: None)

    async def both():
        queue, said = asyncio.Queue(), []
        waits = asyncio.ensure_future(queue.get())
        await asyncio.sleep(ASLEEP)

        def put():
            try:
                queue.put_nowait(1)
            except RuntimeError as error:
                said.append("RuntimeError: %s" % error)

        thread = threading.Thread(target=put)
        thread.start()
        await asyncio.sleep(ALARM)
        thread.join()
        run.metric("seen", waits.done())
        return (said or ["no complaint"])[0]

    said = loop.run_until_complete(both())
    loop.close()
    return said


if __name__ == "__main__":
    sys.exit(main())
