"""What a message costs by the loop that echoes it: asyncio's or uvloop's.

Run:  python examples/event_loop/loop_echo.py
See:  column `cpu_each`: the CPU time that the echoing process takes for a
      message. uvloop saves some of what the loop costs, and nothing of what a
      handler does: compare the loops where nothing is done but to echo, and
      where a handler works for each message.

Needs Python 3.9, and for uvloop's variants the package of that name (`cargo
book python`); without it they are left out. Who asks is the Rust example's
child; it needs cargo, or LAB_EXAMPLE=target/debug/examples/loop_echo.
"""

import asyncio
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "lab", "python"))
import lab
from common.asking import having

uvloop = having("uvloop")

# So many connections, rounds, and bytes a message.
SMALL = (16, 200, 100)
FEW = (16, 15, 100)
LARGE = (4, 40, 100 << 10)
STEPS = 2000  # some tenths of a millisecond


def main():
    asker = lab.Server("loop_echo", "ask")
    experiment = lab.Experiment(
        "loop_echo", "What does a message cost by the loop?",
        baseline="asyncio")
    loops = [("asyncio", asyncio.SelectorEventLoop)]
    if uvloop:
        loops.append(("uvloop", uvloop.new_event_loop))
    for case, label, asked, echo in [
            ("small", "100 bytes, echoed", SMALL, streams),
            ("protocol", "100 bytes, by a protocol", SMALL, protocol),
            ("works", "100 bytes, and a handler that works", FEW, works),
            ("large", "100 KiB, echoed", LARGE, streams)]:
        experiment.case(case, label)
        for name, new_loop in loops:
            experiment.variant(
                "task", name, name,
                lambda run, new=new_loop, a=asked, e=echo: in_loop(
                    new(), e(run, asker.address, a)))
    return experiment.run()


def in_loop(loop, echoes):
    try:
        asyncio.set_event_loop(loop)
        return "%d bytes echoed" % loop.run_until_complete(echoes)
    finally:
        asyncio.set_event_loop(None)
        loop.close()


# ANCHOR: streams
async def echo(reader, writer, work):
    total = 0
    while True:
        data = await reader.read(64 << 10)
        if not data:
            writer.close()
            return total
        work()
        writer.write(data)
        await writer.drain()
        total += len(data)
# ANCHOR_END: streams


async def streams(run, address, asked, work=lambda: None):
    all_of_them = [await asyncio.open_connection(*address)
                   for _ in range(asked[0])]
    with Timed(run, asked):
        all_of_them[0][1].write(b"%d %d %d\n" % asked)
        return sum(await asyncio.gather(
            *(echo(reader, writer, work) for reader, writer in all_of_them)))


async def works(run, address, asked):
    return await streams(run, address, asked, chain)


class Echo(asyncio.Protocol):
    """Without streams: the loop calls us back."""

    def __init__(self):
        self.total = 0
        self.over = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)
        self.total += len(data)

    def connection_lost(self, error):
        self.over.set_result(self.total)


async def protocol(run, address, asked):
    loop = asyncio.get_running_loop()
    all_of_them = [(await loop.create_connection(Echo, *address))[1]
                   for _ in range(asked[0])]
    with Timed(run, asked):
        all_of_them[0].transport.write(b"%d %d %d\n" % asked)
        return sum(await asyncio.gather(*(one.over for one in all_of_them)))


class Timed:
    """The clock, and what came of it for each message."""

    def __init__(self, run, asked):
        self.run, self.messages = run, asked[0] * asked[1]

    def __enter__(self):
        self.run.start_clock()
        self.cpu = time.process_time()

    def __exit__(self, *_):
        cpu = time.process_time() - self.cpu
        self.run.stop_clock()
        self.run.metric("each_us", self.run.elapsed() * 1e6 / self.messages)
        self.run.metric("cpu_each_us", cpu * 1e6 / self.messages)


def chain():
    x = 1
    for _ in range(STEPS):
        x = x * 48271 % 0x7fffffff
    return x


if __name__ == "__main__":
    sys.exit(main())
