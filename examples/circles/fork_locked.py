"""A thread holds a lock for a part of the time, and another one forks. In how
many children does nobody ever let go of it?

Run:  python examples/circles/fork_locked.py
See:  `stuck_share`, the share of children that wait forever, is about
      `held_share`, the share of the time in which the lock was held. From 3.12
      on each such fork is warned about. None is stuck that has an interpreter
      of its own, or is forked by a process without threads, and none where the
      lock is taken around each fork. What multiprocessing does unless told
      otherwise is a fork until 3.13, and from 3.14 on it is not.

Stuck are those that have used no CPU time for a while and wait; then they are
killed. On Linux and other Unix systems only. Needs Python 3.7.
"""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.watch import stuck

# Of a period in which the lock is held once. A fork stops the other threads
# for a while, with the global lock, so a period is longer than in Rust.
EIGHTH_S = 0.0005
PATIENCE_S = 0.2
# Whatever becomes of a child, the kernel ends it then.
ALARM_S = 60

# In this process and, as a copy, in each that is forked.
LOCK = threading.Lock()


def main():
    experiment = lab.Experiment(
        "fork_locked", "A lock is held, and another thread forks: who is stuck?",
        baseline="none")
    experiment.observed()
    for held, label in [(1, "held an eighth of the time"),
                        (4, "held half of the time"),
                        (7, "held seven eighths of the time")]:
        experiment.case(str(held), label)
        for way, (label, _, _) in WAYS.items():
            if hasattr(os, "fork") and (held == 7 or way == "fork"):
                experiment.variant(
                    "process", way, label,
                    lambda run, held=held, way=way:
                    lab.take_over(run, "try", [held, way]))
    experiment.child("try", lambda args: attempt(int(args[0]), args[1]))
    experiment.child("ask", lambda args: ask())
    return experiment.run()


class Forked(object):
    def __init__(self, pid):
        self.pid = pid

    def has_ended(self):
        return os.waitpid(self.pid, os.WNOHANG)[0] == self.pid

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


# ANCHOR: fork
def forked():
    pid = os.fork()
    if pid == 0:
        try:
            ask()
        finally:
            os._exit(0)  # or the child would go on with the parent's work
    return Forked(pid)


def ask():
    signal.alarm(ALARM_S)
    with LOCK:
        pass
# ANCHOR_END: fork


# ANCHOR: at_fork
def at_fork():
    """Whoever forks has the lock then, and so has the copy in the child."""
    os.register_at_fork(before=LOCK.acquire, after_in_parent=LOCK.release,
                        after_in_child=LOCK.release)
# ANCHOR_END: at_fork


class Started(object):
    """By multiprocessing: it calls `ask`."""

    def __init__(self, method=None):
        self._process = multiprocessing.get_context(method).Process(target=ask)
        self._process.start()
        self.pid = self._process.pid

    def has_ended(self):
        return not self._process.is_alive()

    def kill(self):
        self._process.kill()
        self._process.join()


class Executed(object):
    def __init__(self):
        self._process = subprocess.Popen(lab.rerun_self("ask"))
        self.pid = self._process.pid

    def has_ended(self):
        return self._process.poll() is not None

    def kill(self):
        self._process.kill()
        self._process.wait()


# Label, how a child is started, and how many.
WAYS = {
    "fork": ("os.fork, then lock", forked, 80),
    "at_fork": ("os.fork, register_at_fork", forked, 50),
    "mp_default": ("multiprocessing, its default", Started, 20),
    "mp_forkserver": ("multiprocessing, forkserver",
                      lambda: Started("forkserver"), 5),
    "mp_spawn": ("multiprocessing, spawn", lambda: Started("spawn"), 4),
    "subprocess": ("subprocess", Executed, 4),
}


def attempt(held, way):
    _, start, count = WAYS[way]
    if way == "at_fork":
        at_fork()
    held_shares, enough, gate = [], threading.Event(), lab.Gate(2)

    def holder():
        gate.wait()
        held_shares.append(hold(held, enough))

    thread = threading.Thread(target=holder, daemon=True)
    thread.start()
    gate.wait()
    children = []
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        for _ in range(count):
            # At any moment of a period, and each as likely.
            time.sleep(random.random() * 8 * EIGHTH_S)
            children.append(start())
    enough.set()
    thread.join()
    left = stuck(children, PATIENCE_S)
    for child in left:
        child.kill()
    heard = [w for w in heard if "multi-threaded" in str(w.message)]
    print("stuck_share %f" % (len(left) / count))
    print("held_share %f" % held_shares[0])
    print("warned_share %f" % (len(heard) / count))
    print("answer %s%s%s" % (
        multiprocessing.get_start_method() + ": " if way == "mp_default" else "",
        "some are stuck" if left else "all get done",
        "; a " + heard[0].category.__name__ if heard else ""))


def hold(eighths, enough):
    """Holds the lock for so many eighths of the time, and tells for which
    share it really was."""
    began, held = time.perf_counter(), 0.0
    while not enough.is_set():
        with LOCK:
            since = time.perf_counter()
            time.sleep(eighths * EIGHTH_S)
            held += time.perf_counter() - since
        time.sleep((8 - eighths) * EIGHTH_S)
    return held / (time.perf_counter() - began)


if __name__ == "__main__":
    sys.exit(main())
