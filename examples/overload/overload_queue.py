"""A producer that is a tenth too fast. What becomes of the tenth?

Run:  python examples/overload/overload_queue.py
See:  in an asyncio.Queue without maxsize it waits: the longer this goes on, the
      older is each message when its turn comes. So do tasks that are started
      first and then wait for a semaphore. With maxsize the producer waits
      instead, or a tenth is thrown away. With messages of a megabyte the queue
      without maxsize ends in a MemoryError.

A message takes a millisecond, by a timer, so the processor is idle. On platforms
other than Linux memory is not limited, and both survive.
"""

import asyncio
import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.desk import Desk

try:
    import resource
except ImportError:  # Windows
    resource = None

SERVICE_S = 0.001  # for a message
EVERY_S = SERVICE_S * 10 / 11
ROOM = 8
MS = 320

# For messages that have a size: quicker, so that it does not take long.
BIG = 1 << 20
BIG_S = 0.0002
BIGS = 900
MEMORY = 64 << 20
LIMIT_S = 20  # by then it must have ended


def main():
    experiment = lab.Experiment(
        "overload_queue",
        "A producer that is a tenth too fast: what becomes of the tenth?",
        baseline="unbounded")
    experiment.case(str(MS), "ms of messages, a tenth too many")
    for name, says, way in [
            ("unbounded", "Queue()", unbounded),
            ("bounded", "Queue(8), put", bounded),
            ("newest", "Queue(8), put_nowait", newest),
            ("oldest", "Queue(8), get_nowait", oldest),
            ("inside", "create_task, then Semaphore(8)", inside),
            ("outside", "Semaphore(8), then create_task", outside)]:
        experiment.variant("task", name, says,
                           lambda run, way=way: play(run, way))
    experiment.case("memory", "messages of 1 MiB, memory for 64")
    experiment.observed()
    for name, says in [("unbounded", "Queue()"), ("bounded", "Queue(8), put")]:
        experiment.variant("process", name, says,
                           lambda run, name=name: filled(run, name))
    experiment.child("fill", lambda args: fill(args[0]))
    return experiment.run()


class Scene(object):
    """What producer and consumer share, and what we look at."""

    def __init__(self):
        self.messages = int(MS / 1e3 / EVERY_S)
        self.desk = Desk(SERVICE_S)
        self.in_flight = self.most = self.dropped = 0
        self.ages = []
        self.behind = self.tasks = 0

    def accept(self):
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        return lab.clock()

    async def serve(self, came):
        await until(self.desk.done(came))
        self.in_flight -= 1
        self.ages.append(lab.clock() - came)

    async def produce(self, put):
        began = lab.clock()
        for i in range(self.messages):
            due = began + i * EVERY_S
            await until(due)
            await put()
            self.behind = max(lab.clock() - due, 0)
        self.tasks = len(asyncio.all_tasks())

    async def consume(self, queue):
        while True:
            await self.serve(await queue.get())
            queue.task_done()


async def until(then):
    left = then - lab.clock()
    if left > 0:
        await asyncio.sleep(left)


# ANCHOR: queues
async def unbounded(scene):
    queue = asyncio.Queue()

    async def put():
        queue.put_nowait(scene.accept())  # succeeds, whatever waits there
    await through(scene, queue, put)


async def bounded(scene):
    queue = asyncio.Queue(maxsize=ROOM)

    async def put():
        await queue.put(scene.accept())  # waits until there is room
    await through(scene, queue, put)
# ANCHOR_END: queues


async def newest(scene):
    queue = asyncio.Queue(maxsize=ROOM)

    async def put():
        if queue.full():
            scene.dropped += 1
        else:
            queue.put_nowait(scene.accept())
    await through(scene, queue, put)


async def oldest(scene):
    queue = asyncio.Queue(maxsize=ROOM)

    async def put():
        if queue.full():
            queue.get_nowait()
            queue.task_done()
            scene.in_flight -= 1
            scene.dropped += 1
        queue.put_nowait(scene.accept())
    await through(scene, queue, put)


async def through(scene, queue, put):
    consumer = asyncio.ensure_future(scene.consume(queue))
    await scene.produce(put)
    await queue.join()
    consumer.cancel()


# ANCHOR: semaphores
async def inside(scene):
    """Broken: so many work at once, and any number wait to."""
    places, tasks = asyncio.Semaphore(ROOM), []

    async def work(came):
        async with places:
            await scene.serve(came)

    async def put():
        tasks.append(asyncio.ensure_future(work(scene.accept())))
    await scene.produce(put)
    await asyncio.gather(*tasks)


async def outside(scene):
    places, tasks = asyncio.Semaphore(ROOM), []

    async def work(came):
        await scene.serve(came)
        places.release()

    async def put():
        await places.acquire()  # no task without a place
        tasks.append(asyncio.ensure_future(work(scene.accept())))
    await scene.produce(put)
    await asyncio.gather(*tasks)
# ANCHOR_END: semaphores


def play(run, way):
    scene = Scene()
    run.start_clock()
    little = asyncio.run(watched(scene, way))
    run.stop_clock()
    ages = scene.ages
    if len(ages) + scene.dropped != scene.messages:
        raise lab.Failure("a message is lost")
    run.metric("age_ms", sum(ages[-ROOM:]) / ROOM * 1e3)
    run.metric("behind_ms", scene.behind * 1e3)
    run.metric("dropped_share", float(scene.dropped) / scene.messages)
    run.metric("most_waiting", scene.most)
    run.metric("tasks", scene.tasks)
    if not scene.dropped:
        # What is thrown away has waited, too, and nobody knows how long.
        run.metric("little", little)
    return "each message was served or thrown away"


async def watched(scene, way):
    """What is in flight, seen by a thread, over rate times time: 1, by
    Little's law."""
    over, seen = threading.Event(), []
    began = lab.clock()

    def look():
        while not over.is_set():
            seen.append((lab.clock(), scene.in_flight))
            time.sleep(0.0005)

    watch = threading.Thread(target=look)
    watch.start()
    await way(scene)
    length = lab.clock() - began
    over.set()
    watch.join()
    area, last = 0, began
    for now, in_flight in seen:
        area += in_flight * (now - last)
        last = now
    rate = len(scene.ages) / length
    each = sum(scene.ages) / len(scene.ages)
    return area / length / (rate * each)


def filled(run, way):
    run.elsewhere()
    child = subprocess.Popen(lab.rerun_self("fill", [way]),
                             stderr=subprocess.PIPE, universal_newlines=True)
    try:
        complaint = child.communicate(timeout=LIMIT_S)[1].splitlines()
    except subprocess.TimeoutExpired:
        child.kill()
        raise
    run.stop_clock()
    run.metric("survived", child.returncode == 0)
    ending = lab.ending(child.returncode)
    return ": ".join([ending] + complaint[-1:])


# ANCHOR: fill
async def big_ones(queue):
    """Messages of a megabyte each."""
    began = lab.clock()
    for i in range(BIGS):
        await until(began + i * BIG_S * 10 / 11)
        await queue.put((lab.clock(), bytearray(BIG)))
    await queue.put(None)


async def fill_queue(queue):
    producer = asyncio.ensure_future(big_ones(queue))
    desk, message = Desk(BIG_S), await queue.get()
    while message is not None and not producer_failed(producer):
        await until(desk.done(message[0]))
        message = await queue.get()
    await producer
# ANCHOR_END: fill


def producer_failed(producer):
    return producer.done() and producer.exception() is not None


async def fill_now(way):
    await fill_queue(asyncio.Queue(ROOM if way == "bounded" else 0))


def fill(way):
    lab.no_core_file()
    now = lab.proc_bytes("/proc/self/status", "VmSize:")
    if resource is not None and now is not None:
        limit = now + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    asyncio.run(fill_now(way))


if __name__ == "__main__":
    sys.exit(main())
