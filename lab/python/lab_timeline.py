"""Who ran when: lanes that note when they are on a core.

A lane reads the clock again and again while it works. After a gap it asks the
kernel whether this thread was switched since (getrusage, RUSAGE_THREAD); if so
the gap was real. A thread that waits for the global lock sleeps in the kernel,
so its gaps are found by the same means. Times are those of the system's
monotonic clock, which all processes share, so lanes of several processes and of
Rust line up.

Python 3.7 or later.
"""

import ctypes
import threading
import time

try:
    import resource
    WHO = resource.RUSAGE_THREAD
except (ImportError, AttributeError):  # not Linux
    WHO = None

# One step of the loop takes a microsecond or so in an interpreter, and more
# while it collects garbage.
GAP_NS = 20000


def now_ns():
    return time.monotonic_ns()


class Lane(object):
    """Made and used by the thread that it is about, or by a task, which may
    change threads; the count of involuntary switches is absent then."""

    def __init__(self, name, epoch_ns):
        self.name = name
        self.epoch_ns = epoch_ns
        self.spans = []
        self.false_gaps = 0
        self._state = "running"
        self._core = current_cpu()
        self._thread = threading.get_ident()
        self._before = self._switches = thread_switches()
        self._from = self._last = now_ns()

    def note(self):
        """Says "I am running"; to be called often. Returns the time."""
        now = time.monotonic_ns()
        if now - self._last > GAP_NS:
            now = self._gap()
        self._last = now
        return now

    def _gap(self):
        """Returns the time at which the lane is known to run again."""
        switches, now = settled()
        if switches is not None and switches == self._switches:
            self.false_gaps += 1
            return now
        self._close(self._last)
        self._from, self._core = now, current_cpu()
        self._switches = switches
        return now

    def enter(self, state):
        """Passes into another state now: "running", "waiting-io"."""
        self._turn(self.note(), state)

    def leave_wait(self, state="running"):
        """Like enter() after a wait: all time since the last call was spent
        waiting, and is not a gap."""
        self._turn(now_ns(), state)

    def _turn(self, now, state):
        self._close(now)
        self._state, self._from = state, now
        # A wait may end on another core.
        self._core = current_cpu()
        self._switches = thread_switches()
        self._last = now_ns()

    def _close(self, until):
        if until > self._from:
            core = self._core
            if self._state.startswith("waiting"):
                core = None
            self.spans.append((self._from - self.epoch_ns,
                               until - self.epoch_ns, core, self._state))

    def finish(self):
        """Ends the lane; returns it as the runner lines have it."""
        self._close(self.note())
        lane = {"lane": self.name, "false_gaps": self.false_gaps,
                "spans": self.spans}
        switches = thread_switches()
        # Another thread's counter says nothing about this lane.
        if switches is not None and threading.get_ident() == self._thread:
            lane["involuntary"] = switches[1] - self._before[1]
        return lane


def settled():
    """The kernel's counter, and a time at which it stood there. A thread that
    is stopped between the two readings would lose that stop, so the counter is
    read on both sides of the clock, and again if it moved."""
    while True:
        before = thread_switches()
        now = time.monotonic_ns()
        if thread_switches() == before:
            return before, now


def spin(name, epoch_ns, length_ns):
    """Spins until the timeline is `length_ns` old, and returns the lane."""
    lane = Lane(name, epoch_ns)
    end = epoch_ns + length_ns
    while lane.note() < end:
        pass
    return lane.finish()


def thread_switches():
    """Voluntary and involuntary switches of this thread so far."""
    if WHO is None:
        return None
    usage = resource.getrusage(WHO)
    return usage.ru_nvcsw, usage.ru_nivcsw


def current_cpu():
    """The hardware thread that the caller is on; None where unknown."""
    cpu = -1 if _sched_getcpu is None else _sched_getcpu()
    return cpu if cpu >= 0 else None


try:
    # PyDLL keeps the global lock: a call that let it go would give the core up
    # at the very moment that is being recorded.
    _sched_getcpu = ctypes.PyDLL(None).sched_getcpu
except (OSError, AttributeError, TypeError):
    _sched_getcpu = None
