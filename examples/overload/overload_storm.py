"""For a twentieth of a second twice as many ask as a server can answer. When they
are gone, is all well again?

Run:  python examples/overload/overload_storm.py
See:  yes, where who gives up does not ask again. Who gives up and asks again
      keeps the server busy with what nobody waits for any more. A server that
      turns away what it cannot answer in time is not kept busy with it. Sixty
      who ask at the same moment get done sooner where chance draws their
      pauses.

A request takes a millisecond, by a timer. All are tasks of one loop.
"""

import asyncio
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.desk import Desk

SERVICE_S = 0.001
# So long a client waits for one answer, and for all it asks for.
PATIENCE_S = 0.015
ALL_PATIENCE_S = 0.075
ATTEMPTS = 4
MOST = 12  # in flight, so that each is served within the patience
HERD = 60  # ask at the same moment

# Who asks: when, and how often by what the server can answer.
PHASES = [(0, 0.040, 0.6), (0.040, 0.080, 2.0), (0.080, 0.350, 0.6)]
# By then all should be well; of those who ask in between it is counted.
AFTER = (0.240, 0.300)


def main():
    experiment = lab.Experiment(
        "overload_storm",
        "Too many asked for a moment: when they are gone, is all well?",
        baseline="once")
    experiment.case("surge", "60 % of the capacity, and 200 % for 40 ms")
    for name, says, scene in [
            ("once", "gives up", dict(attempts=1)),
            ("again", "asks again at once", dict()),
            ("limit", "at once; 12 in flight", dict(most=MOST))]:
        experiment.variant(
            "task", name, says,
            lambda run, scene=scene: asyncio.run(surge(run, **scene)))
    experiment.case("herd", "60 at once, and room for 12")
    for name, says, jitter in [
            ("backoff", "after 5, 10, 20 ... 80 ms", False),
            ("jitter", "the same, by chance", True)]:
        experiment.variant(
            "task", name, says,
            lambda run, jitter=jitter: asyncio.run(herd(run, jitter)))
    return experiment.run()


class Site(object):
    """A queue, a server, and a limit on what is in flight."""

    def __init__(self, most=1 << 30):
        self.most = most
        self.queue = asyncio.Queue()
        self.in_flight = self.calls = self.wanted = self.wasted = 0
        self.server = asyncio.ensure_future(self.serve())

    def call(self):
        """What the answer will be in, or None where one is refused."""
        self.calls += 1
        if self.in_flight >= self.most:
            return None
        self.in_flight += 1
        answer = asyncio.get_running_loop().create_future()
        self.queue.put_nowait((lab.clock(), answer))
        return answer

    async def serve(self):
        desk = Desk(SERVICE_S)
        while True:
            came, answer = await self.queue.get()
            left = desk.done(came) - lab.clock()
            if left > 0:
                await asyncio.sleep(left)
            if answer.cancelled():
                self.wasted += 1
            else:
                self.wanted += 1
                answer.set_result(True)
            self.in_flight -= 1

    async def close(self):
        self.server.cancel()
        await asyncio.wait([self.server])


# ANCHOR: client
async def client(site, attempts):
    """Whether there is an answer in the end."""
    end = lab.clock() + ALL_PATIENCE_S
    for _ in range(attempts):
        answer = site.call()
        if answer is not None:
            patience = min(PATIENCE_S, end - lab.clock())
            await asyncio.wait([answer], timeout=patience)
            if answer.done():
                return True
            answer.cancel()  # who gives up tells nobody
    return False
# ANCHOR_END: client


def arrivals():
    for begin, end, load in PHASES:
        at = begin
        while at < end:
            yield at
            at += SERVICE_S / load


async def surge(run, attempts=ATTEMPTS, **scene):
    site = Site(**scene)
    run.start_clock()
    began, clients = lab.clock(), []
    for after in arrivals():
        left = began + after - lab.clock()
        if left > 0:
            await asyncio.sleep(left)
        clients.append((after, asyncio.ensure_future(client(site, attempts))))
    answered = [(after, await each) for after, each in clients]
    run.stop_clock()
    await site.close()

    def share(begin, end):
        got = [each for after, each in answered if begin <= after < end]
        return sum(got) / float(len(got))

    run.metric("before_share", share(0, 0.030))
    run.metric("after_share", share(*AFTER))
    run.metric("calls", float(site.calls) / len(answered))
    run.metric("wasted_share",
               float(site.wasted) / (site.wasted + site.wanted))
    return "each had an answer or gave up"


async def herd(run, jitter):
    site = Site(most=MOST)

    async def insists():
        most, answer = 0.005, site.call()
        while answer is None:
            await asyncio.sleep(most * (random.random() if jitter else 1))
            most, answer = min(2 * most, 0.080), site.call()
        await answer

    run.start_clock()
    await asyncio.gather(*[insists() for _ in range(HERD)])
    run.stop_clock()
    await site.close()
    run.metric("calls", float(site.calls) / HERD)
    run.metric("done_ms", run.elapsed() * 1e3)
    return "all had their answer"


if __name__ == "__main__":
    sys.exit(main())
