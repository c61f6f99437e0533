"""Who holds the lock when: one thread computes, one waits now and then.

Run:  python examples/global_lock/gil_turns.py
See:  under a global lock the waits of the one are filled by the other, and
      after each wait it is late, by the switch interval. A free-threaded build
      has no such gaps. `cargo book measure gil_turns` records the lanes.

Python cannot see the lock, so a wait lasts here until it is over and the lock
is had. (Two threads that compute are drawn in who_ran_when.py.)
"""

import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from lab_timeline import Lane, now_ns, thread_switches

NAPS = 6


def main():
    if not hasattr(time, "monotonic_ns"):
        sys.exit("gil_turns: needs Python 3.7 or later")
    experiment = lab.Experiment(
        "gil_turns", "Who holds the global lock, and for how long?",
        baseline="none")
    experiment.observed()
    experiment.variant("thread", "mixed", "1 computes, 1 waits", mixed)
    return experiment.run()


class Waiting(Lane):
    """A lane that also notes its waits."""

    def sleep(self, seconds):
        self._close(self.note())
        began = self._last
        time.sleep(seconds)
        self._from = self._last = now_ns()
        self._switches = thread_switches()
        self.spans.append((began - self.epoch_ns, self._from - self.epoch_ns,
                           None, "waiting-io"))


def mixed(run):
    gate, lanes, over = run.gate(2), [None, None], []

    def spins():
        gate.wait()
        lane = Lane("spins", gate.began_ns)
        while not over:
            lane.note()
        lanes[0] = lane.finish()

    def naps():
        gate.wait()
        lane = Waiting("naps", gate.began_ns)
        for _ in range(NAPS):
            lane.sleep(0.008)
            end = lane.note() + 400000  # then 0.4 ms of work
            while lane.note() < end:
                pass
        lanes[1] = lane.finish()
        over.append(True)

    workers = [threading.Thread(target=work) for work in (spins, naps)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    run.stop_clock()
    run.timeline(lanes)
    waits = [until - since for since, until, _, state in lanes[1]["spans"]
             if state == "waiting-io"]
    run.metric("nap_ms", sum(waits) / NAPS / 1e6)
    return "%d waits" % NAPS


if __name__ == "__main__":
    sys.exit(main())
