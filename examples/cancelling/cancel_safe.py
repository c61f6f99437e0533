"""A timeout cancels the coroutine that was not done. What does that coroutine
take with it?

Run:  python examples/cancelling/cancel_safe.py
See:  one that reads a frame piece by piece takes the pieces, and frames are
      made of the halves of two. `readexactly` takes nothing: the stream keeps
      what has come. A coroutine that had got a message takes the message, one
      that was putting loses what it would have put, if nobody asks again, and
      one that queued for a lock its place. `sock_recv` itself may take bytes
      under `asyncio.timeout`, which is in `wait_for` since 3.12: when the loop
      finds bytes and a timeout in the same turn.

A tick is due every 5 ms, and whatever waits then is canceled.
"""

import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common import frames
from common.frames import FRAME, Seen

TICK_S = 0.005
MESSAGES = 100
WORK_S = 0.001
HOLD_S = 0.002
PATIENCE_S = 0.001
WINDOW_S = 0.15


def main():
    experiment = lab.Experiment("cancel_safe",
                                "What does a dropped future take with it?",
                                baseline="undisturbed")
    experiment.observed()
    experiment.case("socket", "frames through a socket")
    for name, label, receive in [
            ("undisturbed", "sock_recv until it is whole", undisturbed),
            ("read_exact", "the same, canceled at a tick", read_exact),
            ("read", "sock_recv, under wait_for", read),
            ("kept", "canceled never, waited for anew", kept)]:
        experiment.variant("task", name, label,
                           lambda run, receive=receive: socket(run, receive))
    if hasattr(asyncio, "timeout_at"):
        experiment.variant(
            "task", "timeout", "sock_recv, under asyncio.timeout",
            lambda run: socket(run, read, TicksByTimeout))
    experiment.variant("task", "streams", "readexactly, canceled at a tick",
                       lambda run: socket(run, streams))
    experiment.case("channel", "messages through a channel")
    for name, label, send, receive in [
            ("recv", "get, canceled at a tick", put_all, get),
            ("recv_then", "get and a step, canceled", put_all, get_then),
            ("send", "put, canceled at a tick", put, get_slowly)]:
        experiment.variant(
            "task", name, label, lambda run, send=send, receive=receive:
            channel(run, send, receive))
    experiment.case("lock", "a lock that two others want")
    experiment.variant("task", "dropped", "acquire, canceled each ms",
                       lambda run: lock(run, impatient))
    experiment.variant("task", "kept", "acquire, kept",
                       lambda run: lock(run, patient))
    return experiment.run()


class Ticks(object):
    """What waits when a tick is due is canceled."""

    def __init__(self):
        self.now = asyncio.get_running_loop().time
        self.due = self.now() + TICK_S
        self.interrupted = 0

    async def before(self, work):
        try:
            return await asyncio.wait_for(work, self.due - self.now())
        except asyncio.TimeoutError:
            self.tick()

    def tick(self):
        self.due += TICK_S
        self.interrupted += 1


class TicksByTimeout(Ticks):
    """The same, without a task of its own for the work."""

    async def before(self, work):
        try:
            async with asyncio.timeout_at(self.due):
                return await work
        except TimeoutError:
            self.tick()


async def exactly(sock):
    """A frame, or what is left when there are no more."""
    loop, frame = asyncio.get_running_loop(), b""
    while len(frame) < FRAME:
        more = await loop.sock_recv(sock, FRAME - len(frame))
        if not more:
            break
        frame += more
    return frame


async def undisturbed(sock, seen, ticks):
    frame = await exactly(sock)
    while len(frame) == FRAME:
        seen.frame(frame)
        frame = await exactly(sock)


# ANCHOR: read_exact
async def read_exact(sock, seen, ticks):
    while True:
        frame = await ticks.before(exactly(sock))
        if frame is None:
            continue  # what was read of it went with the coroutine
        if len(frame) < FRAME:
            return
        seen.frame(frame)
# ANCHOR_END: read_exact


# ANCHOR: read
async def read(sock, seen, ticks):
    loop, have = asyncio.get_running_loop(), b""
    while True:
        more = await ticks.before(loop.sock_recv(sock, FRAME - len(have)))
        if more == b"":
            return
        have += more or b""
        if len(have) == FRAME:
            seen.frame(have)
            have = b""
# ANCHOR_END: read


# ANCHOR: kept
async def kept(sock, seen, ticks):
    while True:
        whole = asyncio.ensure_future(exactly(sock))
        while not whole.done():
            await asyncio.wait([whole], timeout=ticks.due - ticks.now())
            if not whole.done():
                ticks.tick()
        if len(whole.result()) < FRAME:
            return
        seen.frame(whole.result())
# ANCHOR_END: kept


async def streams(sock, seen, ticks):
    reader, writer = await asyncio.open_connection(sock=sock)
    try:
        while True:
            frame = await ticks.before(reader.readexactly(FRAME))
            if frame is not None:
                seen.frame(frame)
    except asyncio.IncompleteReadError:
        writer.close()


async def put_all(queue, ticks):
    for n in range(MESSAGES):
        await asyncio.sleep(WORK_S)
        await queue.put(n)


async def put(queue, ticks):
    for n in range(MESSAGES):
        await ticks.before(queue.put(n))


async def get(queue, ticks):
    came = 0
    while True:
        message = await ticks.before(queue.get())
        if message == MESSAGES:
            return came
        if message is not None:
            await asyncio.sleep(WORK_S / 4)
            came += 1


# ANCHOR: recv_then
async def get_then(queue, ticks):
    async def one():
        message = await queue.get()
        if message != MESSAGES:
            await asyncio.sleep(WORK_S / 4)  # canceled, it has the message
        return message

    came = 0
    while True:
        message = await ticks.before(one())
        if message == MESSAGES:
            return came
        if message is not None:
            came += 1
# ANCHOR_END: recv_then


async def get_slowly(queue, ticks):
    came = 0
    while await queue.get() != MESSAGES:
        came += 1
        await asyncio.sleep(WORK_S)
    return came


# ANCHOR: lock
async def impatient(lock, turns, which):
    while True:
        try:  # a new place each time, at the end of the queue
            await asyncio.wait_for(lock.acquire(), PATIENCE_S)
        except asyncio.TimeoutError:
            continue
        await hold(lock, turns, which)


async def patient(lock, turns, which):
    while True:
        place = asyncio.ensure_future(lock.acquire())
        while not place.done():
            await asyncio.wait([place], timeout=PATIENCE_S)
        await hold(lock, turns, which)
# ANCHOR_END: lock


async def hold(lock, turns, which):
    turns[which] += 1
    await asyncio.sleep(HOLD_S)
    lock.release()


def socket(run, receive, ticks_of=Ticks):
    async def received():
        seen, ticks = Seen(), ticks_of()
        await receive(here, seen, ticks)
        return seen, ticks.interrupted

    here, sender = frames.sent()
    here.setblocking(False)
    seen, interrupted = asyncio.run(received())
    sender.join()
    here.close()
    run.metric("interrupted", interrupted)
    run.metric("mixed", seen.mixed)
    run.metric("lost_bytes", seen.lost_bytes())
    if interrupted:
        run.metric("lost_each_bytes", seen.lost_bytes() / interrupted)
    return "%d whole, %d mixed" % (seen.whole, seen.mixed)


def channel(run, send, receive):
    async def both():
        queue, ticks = asyncio.Queue(1), Ticks()

        async def sending():
            await send(queue, ticks)
            await queue.put(MESSAGES)  # no more

        came, _ = await asyncio.gather(receive(queue, ticks), sending())
        return came, ticks.interrupted

    came, interrupted = asyncio.run(both())
    run.metric("interrupted", interrupted)
    run.metric("lost", MESSAGES - came)
    return "%d of %d" % (came, MESSAGES)


def lock(run, third):
    turns = [0, 0, 0]

    async def three():
        lock = asyncio.Lock()
        tasks = [asyncio.ensure_future(how(lock, turns, which))
                 for which, how in enumerate([patient, patient, third])]
        await asyncio.wait(tasks, timeout=WINDOW_S)  # none ends by itself
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(three())
    run.metric("turns", turns[2])
    run.metric("turns_share", turns[2] / sum(turns))
    return "%d of %d" % (turns[2], sum(turns))


if __name__ == "__main__":
    sys.exit(main())
