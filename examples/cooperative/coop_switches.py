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
from common.sheet import BURSTS, three
from lab_os import on_one_core


def main():
    if not hasattr(time, "monotonic_ns"):
        sys.exit("coop_switches: needs Python 3.7 or later")
    experiment = lab.Experiment(
        "coop_switches", "Where do flows stop that take turns on one core?",
        baseline="none")
    experiment.observed()
    for kind, name, label, work in [
            ("task", "generators", "our generators", generators),
            ("task", "asyncio", "asyncio's tasks", tasks),
            ("thread", "threads", "threads",
             lambda run: on_one_core(lambda: threads(run)))]:
        experiment.variant(kind, name, label, work)
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


def threads(run):
    def body(worker):
        gate.wait()
        for _ in range(BURSTS):
            worker.burst()  # it may stop anywhere in here
            time.sleep(0)
        worker.finish()

    recording, workers = three()
    gate = run.gate(len(workers))
    flows = [threading.Thread(target=body, args=(worker,))
             for worker in workers]
    for flow in flows:
        flow.start()
    for flow in flows:
        flow.join()
    return recording.keep(run)


if __name__ == "__main__":
    sys.exit(main())
