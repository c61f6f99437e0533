"""Three flows on one core work in bursts of 2, 5 and 10 ms, six each, and say
after each that others may run. Do they ever stop anywhere else?

Run:  python examples/cooperative/coop_switches.py
See:  generators and tasks hand over only where they said so. Threads run the
      same lines, and are stopped in the middle of a burst.

Every flow signs a sheet at each step. Whoever finds another's name there has
taken over from it, and sees whether it had given way.
"""

import asyncio
import collections
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from lab_timeline import Lane, now_ns
from one_core import on_one_core

BURSTS = 6
# Between two steps; whoever notices more was not running.
STEP_NS = 20000


def main():
    if not hasattr(time, "monotonic_ns"):
        sys.exit("coop_switches: needs Python 3.7 or later")
    experiment = lab.Experiment(
        "coop_switches", "Where do flows stop that take turns on one core?",
        baseline="none")
    for kind, name, label, work in [
            ("task", "generators", "our generators", generators),
            ("task", "asyncio", "asyncio's tasks", tasks),
            ("thread", "threads", "threads",
             lambda run: on_one_core(lambda: threads(run)))]:
        experiment.variant(kind, name, label, work, observed=True)
    return experiment.run()


# ANCHOR: variants
def generators(run):
    def body(worker):
        for _ in range(BURSTS):
            worker.burst()
            yield  # the one place where it stops
        worker.finish()

    recording, workers = three()
    queue = collections.deque(body(worker) for worker in workers)
    while queue:
        flow = queue.popleft()
        try:
            next(flow)
        except StopIteration:
            continue
        queue.append(flow)
    return recording.keep(run)


def tasks(run):
    async def body(worker):
        for _ in range(BURSTS):
            worker.burst()
            await asyncio.sleep(0)
        worker.finish()

    async def gather():
        await asyncio.gather(*[body(worker) for worker in workers])

    recording, workers = three()
    asyncio.run(gather())
    return recording.keep(run)
# ANCHOR_END: variants


# ANCHOR: threads
def threads(run):
    def body(worker):
        ready.wait()
        for _ in range(BURSTS):
            worker.burst()  # it may stop anywhere in here
            time.sleep(0)
        worker.finish()

    recording, workers = three()
    ready = threading.Barrier(len(workers))
    flows = [threading.Thread(target=body, args=(worker,))
             for worker in workers]
    for flow in flows:
        flow.start()
    for flow in flows:
        flow.join()
    return recording.keep(run)
# ANCHOR_END: threads


class Sheet(object):
    """Who ran last, and whether the one before had said that it gives way.
    For flows on one thread or on one core."""

    def __init__(self):
        self.last = (0, True)
        self.handovers = 0
        self.unannounced = 0

    # ANCHOR: sign
    def note(self, me, gives_way):
        # A thread can be stopped between these two, once in a long while.
        (before, gave_way), self.last = self.last, (me, gives_way)
        if before not in (0, me):
            self.handovers += 1
            self.unannounced += not gave_way
    # ANCHOR_END: sign


class Recording(object):
    """What the flows of a run share."""

    def __init__(self):
        self.sheet = Sheet()
        self.lanes = {}

    def keep(self, run):
        run.stop_clock()
        sheet = self.sheet
        run.metric("handovers", sheet.handovers)
        run.metric("unannounced", sheet.unannounced)
        if sheet.handovers:
            announced = sheet.handovers - sheet.unannounced
            run.metric("announced_share", announced / sheet.handovers)
        run.timeline([self.lanes[number] for number in sorted(self.lanes)])
        return "%d lanes" % len(self.lanes)


def three():
    recording, epoch_ns = Recording(), now_ns()
    return recording, [Worker(number, burst_ms, epoch_ns, recording)
                       for number, burst_ms in enumerate([2, 5, 10], 1)]


class Worker(object):
    """A flow that works in bursts, and gives way after each."""

    def __init__(self, number, burst_ms, epoch_ns, recording):
        self.number = number
        self.name = "%d ms" % burst_ms
        self.burst_ns = burst_ms * 1000000
        self.epoch_ns = epoch_ns
        self.all = recording
        self.lane = None

    # ANCHOR: burst
    def burst(self):
        if self.lane is None:
            self.lane = Lane(self.name, self.epoch_ns)
        else:
            self.lane.leave_wait()
        lane, sheet = self.lane, self.all.sheet
        worked, before = 0, lane.note()
        while worked < self.burst_ns:
            sheet.note(self.number, False)
            now = lane.note()
            worked += min(now - before, STEP_NS)  # a gap is no work of ours
            before = now
        sheet.note(self.number, True)
        lane.enter("waiting-lock")
    # ANCHOR_END: burst

    def finish(self):
        if self.lane is None:
            return
        lane = self.lane.finish()
        # While it could run and did not, there is a gap, as for a thread.
        lane["spans"] = [span for span in lane["spans"]
                         if span[3] == "running"]
        self.all.lanes[self.number] = lane


if __name__ == "__main__":
    sys.exit(main())
