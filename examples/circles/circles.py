"""Circles in which one of the locks does not look like a lock: the global lock,
room in a queue or a pipe, a place at a barrier, the thread under a signal.

Run:  python examples/circles/circles.py
See:  each circle is stuck, and each of its cures gets done. With the global
      lock held, a thread waits for a lock of C's, whose holder waits for the
      global one. Without a global lock that gets done, and is stuck if the
      holder asks for a collection, which stops all threads. A handler waits for
      a lock that its own thread holds.

Every way is tried in a child process. One that has used no CPU time for a
while, and all of whose threads wait, is stuck, and is killed. Signals are
Unix's; the global lock is asked about in CPython, on Unix. Needs Python 3.7.
"""

import ctypes
import gc
import os
import queue
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.watch import stuck

PATIENCE_S = 0.3
# Of questions, and so of answers.
QUESTIONS = 100
ROOM = 8
# More than a pipe holds, however large the pages are.
BYTES = 4 << 20


def main():
    experiment = lab.Experiment(
        "circles", "Who waits for whom, and which cure breaks the circle?",
        baseline="none")
    experiment.observed()
    for circle, (label, ways) in CIRCLES.items():
        experiment.case(circle, label)
        for way, (label, _) in ways.items():
            experiment.variant("thread", way, label,
                               lambda run, circle=circle, way=way:
                               observe(run, circle, way))
    experiment.child("try", lambda args: attempt(args[0], args[1]))
    return experiment.run()


def attempt(circle, way):
    # The parent watches once the interpreter is there.
    print("ready", flush=True)
    print(CIRCLES[circle][1][way][1]() or "ended", flush=True)


class Tried(object):
    def __init__(self, circle, way):
        self.process = subprocess.Popen(
            lab.rerun_self("try", [circle, way]), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, universal_newlines=True)
        self.pid = self.process.pid

    def has_ended(self):
        return self.process.poll() is not None


def observe(run, circle, way):
    run.elsewhere()
    tried = Tried(circle, way)
    with tried.process as process:
        if process.stdout.readline().strip() != "ready":
            process.kill()
            raise RuntimeError("%s/%s does not begin" % (circle, way))
        run.start_clock()
        left = stuck([tried], PATIENCE_S)
        run.stop_clock()
        run.metric("stuck", len(left))
        if left:
            process.kill()
            return "stuck"
        # What a child said that failed on the way is no answer.
        if process.returncode != 0:
            raise RuntimeError("%s/%s: the child ended with %d"
                               % (circle, way, process.returncode))
        return process.stdout.read().strip()


def both(one, other):
    """Two threads, and waits for both."""
    threads = [threading.Thread(target=work) for work in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# ANCHOR: gil
def with_the_lock_of_c(second_lock, before_unlock=lambda: None):
    """One thread holds a lock of C's, and needs to run Python to let go of it.
    Another one wants it, by `second_lock`."""
    let_go = ctypes.CDLL(None)  # lets the global lock go around each call
    mutex = ctypes.create_string_buffer(128)
    let_go.pthread_mutex_init(mutex, None)
    has_it, asks = threading.Event(), threading.Event()

    def holder():
        let_go.pthread_mutex_lock(mutex)
        has_it.set()
        asks.wait()
        time.sleep(0.02)  # by now the other one waits
        before_unlock()
        let_go.pthread_mutex_unlock(mutex)

    def other():
        has_it.wait()
        asks.set()
        second_lock(mutex)
        let_go.pthread_mutex_unlock(mutex)

    both(holder, other)


def attached(mutex):
    # Keeps the global lock while it waits, as most calls of C do.
    ctypes.PyDLL(None).pthread_mutex_lock(mutex)


def detached(mutex):
    ctypes.CDLL(None).pthread_mutex_lock(mutex)
# ANCHOR_END: gil


def both_full():
    """Broken: asks all before it reads an answer."""
    def guest(orders, dishes):
        for n in range(QUESTIONS):
            orders.put(n)
        for _ in range(QUESTIONS):
            dishes.get()

    with_a_cook(guest)


def in_flight():
    """Never more on their way than there is room for."""
    def guest(orders, dishes):
        for n in range(QUESTIONS):
            if n >= ROOM:
                dishes.get()
            orders.put(n)
        for _ in range(ROOM):
            dishes.get()

    with_a_cook(guest)


def with_a_cook(guest):
    orders, dishes = queue.Queue(ROOM), queue.Queue(ROOM)

    def cook():
        for _ in range(QUESTIONS):
            dishes.put(orders.get())

    both(lambda: guest(orders, dishes), cook)


# ANCHOR: pipes
def cat():
    return subprocess.Popen(["cat"], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE)


def pipes():
    """Broken: writes all before it reads a byte."""
    with cat() as process:
        process.stdin.write(b"." * BYTES)
        process.stdin.close()
        assert len(process.stdout.read()) == BYTES


def communicate():
    with cat() as process:
        assert len(process.communicate(b"." * BYTES)[0]) == BYTES
# ANCHOR_END: pipes


# ANCHOR: barrier
def broken_off(barrier, on_failure=lambda: None):
    """One of three fails before it comes to the barrier."""
    said = []

    def guest(n):
        try:
            if n == 2:
                raise ValueError("on purpose")
            barrier.wait()
        except ValueError:
            on_failure()
        except threading.BrokenBarrierError:
            said.append("ended: BrokenBarrierError")

    threads = [threading.Thread(target=guest, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said[0]


def failed():
    return broken_off(threading.Barrier(3))


def timeout():
    return broken_off(threading.Barrier(3, timeout=0.05))


def abort():
    barrier = threading.Barrier(3)
    return broken_off(barrier, barrier.abort)
# ANCHOR_END: barrier


# ANCHOR: signal
def under(lock):
    """A signal comes in the middle of a turn, and its handler takes one, too."""
    halves, seen = [], []

    def handler(_signal, _frame):
        with lock:
            seen.append(len(halves))

    signal.signal(signal.SIGUSR1, handler)
    with lock:
        halves.append(1)
        os.kill(os.getpid(), signal.SIGUSR1)
        halves.append(2)
    return "ended: the handler saw %s" % (
        "half a turn" if 1 in seen else "no half turn")


def handler_locks():
    return under(threading.Lock())


def handler_reenters():
    return under(threading.RLock())


def handler_flags():
    lock, asked, log = threading.Lock(), [], []
    signal.signal(signal.SIGUSR1, lambda *_: asked.append(True))
    with lock:
        os.kill(os.getpid(), signal.SIGUSR1)
    while not asked:
        time.sleep(0.001)
    with lock:
        log.append(1)  # where it is safe
# ANCHOR_END: signal


CIRCLES = {
    "channels": ("two channels, both full", {
        "both_full": ("queues: ask all, then read", both_full),
        "in_flight": ("no more asked than fit", in_flight),
    }),
    "barrier": ("a barrier that one never reaches", {
        "failed": ("one fails first", failed),
        "timeout": ("one fails, timeout", timeout),
        "abort": ("one fails, and aborts", abort),
    }),
}
if os.name == "posix":
    CIRCLES["channels"][1].update({
        "pipes": ("cat: write all, then read", pipes),
        "communicate": ("cat: communicate", communicate),
    })
    CIRCLES["signal"] = ("a signal in the middle of a turn", {
        "locks": ("a handler that locks", handler_locks),
        "reenters": ("a handler, RLock", handler_reenters),
        "flag": ("a handler that sets a flag", handler_flags),
    })
if os.name == "posix" and hasattr(ctypes, "pythonapi"):  # CPython
    CIRCLES["gil"] = ("a lock of C's and the global lock", {
        "attached": ("waits with the global lock",
                     lambda: with_the_lock_of_c(attached)),
        "detached": ("lets it go to wait",
                     lambda: with_the_lock_of_c(detached)),
        "attached_gc": ("waits with it, while the holder collects",
                        lambda: with_the_lock_of_c(attached, gc.collect)),
        "detached_gc": ("lets it go, while the holder collects",
                        lambda: with_the_lock_of_c(detached, gc.collect)),
    })


if __name__ == "__main__":
    sys.exit(main())
