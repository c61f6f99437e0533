"""Where threads meet."""

import threading


class OneBarrier(object):
    """For Python 2, which has none: good for one use."""

    def __init__(self, parties):
        self._missing = parties
        self._changed = threading.Condition()

    def wait(self):
        with self._changed:
            self._missing -= 1
            if self._missing == 0:
                self._changed.notify_all()
            while self._missing > 0:
                self._changed.wait()


Barrier = getattr(threading, "Barrier", OneBarrier)
