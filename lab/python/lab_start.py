"""Flows that start together: all of them are there before the clock is started.

Without that, the first of several threads may have ended before the last is
made, and a comparison measures the making. Where that is the question, a
variant makes its flows under the clock, and says so.

Flows that wait for the start keep awake: each gives way to the others and looks
again. See lab/src/start.rs.
"""

import threading
import time

from lab_process import Failure


class Gate(object):
    """Where flows meet before they start. Whoever comes last starts the clock,
    and all go on.

        gate = run.gate(2)

        def work(i):
            gate.wait()
            ...
    """

    def __init__(self, flows, run=None):
        """Without a run, nobody times the flows, as in a child process."""
        self._run = run
        self._missing = flows
        self._coming = threading.Lock()
        self._is_open = False
        # Where a timeline begins: by time.monotonic_ns(), if there is one.
        self.began_ns = None

    def wait(self):
        """Says that a flow is there, and waits, awake, for the others."""
        with self._coming:
            self._missing -= 1
            is_last = self._missing == 0
        if is_last:
            if self._run is not None:
                self._run.start_clock()
            self.began_ns = getattr(time, "monotonic_ns", lambda: None)()
            self._is_open = True
        while not self._is_open:
            time.sleep(0)  # gives way, and lets go of a global lock


def together(run, flows, work):
    """What Run.together() does."""
    gate = Gate(flows, run)
    answers, ended, ending = [None] * flows, [], threading.Lock()

    def flow(i):
        gate.wait()
        answers[i] = work(i)
        with ending:
            ended.append(i)
            if len(ended) == flows:
                run.stop_clock()

    threads = [threading.Thread(target=flow, args=(i,)) for i in range(flows)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(ended) < flows:
        raise Failure("a thread broke off")  # which it says by itself
    return answers
