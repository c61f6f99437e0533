"""Two processes count in the same memory, and one dies with the lock.

Run:  python examples/processes/process_share.py
See:  without a lock increments are lost, since each process has a global lock
      of its own. A multiprocessing.Lock, a semaphore and a file lock lose
      none. When the holder is killed, the kernel frees the file lock; the
      others keep everybody out, forever.

The processes are forked and share a multiprocessing.Value. Needs a Unix and
Python 3.
"""

import contextlib
import fcntl
import multiprocessing
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

PROCESSES = 2
# Who has not got a lock by then will not get it.
PATIENCE = 0.2
CONTEXT = multiprocessing.get_context("fork")


def main():
    means = [("lock", "multiprocessing.Lock", CONTEXT.Lock, 20000),
             ("semaphore", "Semaphore(1)", lambda: CONTEXT.Semaphore(1),
              20000),
             ("file_lock", "file lock", FileLock, 5000),
             ("unsynchronized", "nothing", contextlib.nullcontext, 200000)]
    experiment = lab.Experiment(
        "process_share",
        "What keeps two processes from spoiling each other's count?",
        baseline="lock")
    experiment.case("count", "two processes, one number")
    for name, label, lock, times in means:
        if name == "unsynchronized":
            experiment.observed()
        experiment.variant("process", name, label,
                           lambda run, lock=lock, times=times:
                           count(run, lock(), times))
    experiment.case("killed", "one is killed while it has it")
    for name, label, lock, _ in means[:3]:
        experiment.variant("process", name, label,
                           lambda run, lock=lock: kill_holder(run, lock()))
    return experiment.run()


# ANCHOR: count
def count(run, lock, times):
    run.elsewhere()
    number = CONTEXT.Value("Q", 0, lock=False)
    gate, took = CONTEXT.Value("i", 0), CONTEXT.SimpleQueue()
    children = [
        CONTEXT.Process(target=increment,
                        args=(number, lock, times, gate, took))
        for _ in range(PROCESSES)]
    for child in children:
        child.start()
    for child in children:
        child.join()
        ended_well(child)  # or what it did not count would look lost
    lost = PROCESSES * times - number.value
    run.metric("each_ns", max(took.get() for _ in children) * 1e9 / times)
    run.metric("lost", lost)
    run.metric("lost_share", lost / (PROCESSES * times))
    return "%d lost" % lost if lost == 0 else "some are lost"


def increment(number, lock, times, gate, took):
    meet(gate)
    began = lab.clock()
    for _ in range(times):
        with lock:
            number.value += 1
    took.put(lab.clock() - began)
# ANCHOR_END: count


def meet(gate):
    """Waits, awake, for the other process."""
    with gate.get_lock():
        gate.value += 1
    while gate.value < PROCESSES:
        time.sleep(0)


def ended_well(child):
    if child.exitcode != 0:
        raise lab.Failure("a child ended with " + lab.ending(child.exitcode))


class FileLock(object):
    """flock(2) on a file that every process opens for itself: a lock belongs
    to what was opened, and a forked child inherits that."""

    def __init__(self):
        self._named = tempfile.NamedTemporaryFile()
        self._opened_by = {}

    def __enter__(self):
        pid = os.getpid()
        if pid not in self._opened_by:
            self._opened_by[pid] = open(self._named.name)
        fcntl.flock(self._opened_by[pid], fcntl.LOCK_EX)

    def __exit__(self, *_):
        fcntl.flock(self._opened_by[os.getpid()], fcntl.LOCK_UN)


# ANCHOR: killed
def kill_holder(run, lock):
    run.elsewhere()
    held, asks = CONTEXT.Event(), CONTEXT.Event()
    holder = CONTEXT.Process(target=hold, args=(lock, held))
    holder.start()
    held.wait()
    holder.kill()
    holder.join()
    assert lab.ending(holder.exitcode) == "SIGKILL"

    taker = CONTEXT.Process(target=take, args=(lock, asks))
    taker.start()
    asks.wait()
    taker.join(PATIENCE)
    freed = not taker.is_alive()
    if freed:
        ended_well(taker)  # one that broke would look like one that got it
    taker.kill()
    taker.join()
    run.metric("freed", freed)
    if freed:
        return "the next one gets it, and is not told"
    return "the next one waits in vain"


def hold(lock, held):
    with lock:
        held.set()
        time.sleep(10)  # killed long before


def take(lock, asks):
    asks.set()
    with lock:
        pass
# ANCHOR_END: killed


if __name__ == "__main__":
    sys.exit(main())
