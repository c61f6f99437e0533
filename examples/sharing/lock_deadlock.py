"""Two accounts, two locks, two threads that move money in opposite directions.

Run:  python examples/sharing/lock_deadlock.py
See:  when each thread holds one lock and wants the other's, both wait for good.
      The global lock prevents nothing of the kind: a thread that waits for a
      lock has let go of it. The same order for all cures it.

Every way is tried in a child process, which is killed when it is not done
after a second. (Rust's peer looks at its CPU time instead.)
"""

import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

if sys.version_info[0] == 2:
    range = xrange  # Python 2 would make a list of it

PATIENCE_S = 1.0
OFTEN = 2000


def main():
    experiment = lab.Experiment(
        "lock_deadlock",
        "Two locks, two threads, opposite orders: who gets done?",
        baseline="none")
    experiment.observed()
    for way, label in [("opposite", "each holds one, wants the other"),
                       ("once", "one transfer each way"),
                       ("same_order", "2 000 each way, one order for all"),
                       ("try_lock", "2 000 each way, let go and try again")]:
        experiment.variant("thread", way, label,
                           lambda run, w=way: observe(run, w))
    experiment.child("try", lambda args: attempt(args[0]))
    return experiment.run()


class Account(object):
    def __init__(self):
        self.lock = threading.Lock()
        self.balance = 100


def attempt(way):
    a, b = Account(), Account()
    # The parent's clock starts when the interpreter is there.
    print("ready")
    sys.stdout.flush()
    if way == "opposite":
        holds_a, holds_b = threading.Event(), threading.Event()
        both(lambda: move_while(a, b, holds_a, holds_b),
             lambda: move_while(b, a, holds_b, holds_a))
    elif way == "once":
        # Started one after the other, as a test would.
        both(lambda: move_while(a, b), lambda: move_while(b, a))
    elif way == "same_order":
        often(lambda: move_in_order(a, b, 1), lambda: move_in_order(a, b, -1))
    elif way == "try_lock":
        often(lambda: move_or_let_go(a, b), lambda: move_or_let_go(b, a))
    print("done")
    sys.stdout.flush()


# ANCHOR: ways
def move_while(source, target, ours=None, theirs=None):
    """Broken: the order of the locks is the direction of the transfer."""
    with source.lock:
        if ours is not None:
            ours.set()
            theirs.wait()
        with target.lock:
            source.balance -= 1
            target.balance += 1


def move_in_order(a, b, amount):
    """Whatever the direction, `a` is locked before `b`."""
    with a.lock:
        with b.lock:
            a.balance -= amount
            b.balance += amount


def move_or_let_go(source, target):
    """Never waits for a lock while it holds one."""
    while True:
        with source.lock:
            if target.lock.acquire(False):
                try:
                    source.balance -= 1
                    target.balance += 1
                finally:
                    target.lock.release()
                return
        time.sleep(0)  # somebody else's turn
# ANCHOR_END: ways


def often(one, other):
    gate = lab.Gate(2)

    def times(transfer):
        gate.wait()
        for _ in range(OFTEN):
            transfer()

    both(lambda: times(one), lambda: times(other))


def both(one, other):
    done = []
    threads = [threading.Thread(target=lambda b=body: done.append(b()))
               for body in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(done) != 2:
        sys.exit("a thread failed")


def observe(run, way):
    run.elsewhere()
    child = subprocess.Popen(lab.rerun_self("try", [way]),
                             stdout=subprocess.PIPE, universal_newlines=True)
    if child.stdout.readline().strip() != "ready":
        child.kill()
        raise RuntimeError("%s: the child does not begin" % way)
    run.start_clock()
    until = time.time() + PATIENCE_S
    while child.poll() is None and time.time() < until:
        time.sleep(0.002)
    done = child.poll() is not None
    run.stop_clock()
    run.metric("stuck", 0 if done else 1)
    if done:
        # What a child said that failed on the way is no answer.
        said = child.communicate()[0].strip()
        if child.returncode != 0:
            raise RuntimeError("%s: the child ended with %d"
                               % (way, child.returncode))
        return said
    child.kill()
    child.wait()
    return "both wait"


if __name__ == "__main__":
    sys.exit(main())
