"""Jobs that wait for jobs of their own pool. How often do they get stuck?

Run:  python examples/stuck/stuck_pool.py
See:  four requests at once, each two deep, get stuck with four threads and not
      with five; three deep, with eight and not with nine. A pool for each level
      needs no more than one thread in each. Processes of a pool that wait for
      another job of it get stuck by the same arithmetic, and those that use
      their copy of the pool always.

Each variant is tried four times at once in a child process (pools of processes
once), which is ended when all of its threads have slept for 200 ms.
"""

import multiprocessing
import os
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.watch import watch

TRIALS = 4
REQUESTS = 4  # at once
PART_S = 0.020  # what each level does before it asks for the next


def main():
    experiment = lab.Experiment(
        "stuck_pool",
        "Jobs that wait for jobs of their own pool: who gets done?",
        baseline="none")
    experiment.observed()

    def case(name, label, kind, trials, ways):
        experiment.case(name, label)
        for way, says in ways:
            experiment.variant(
                kind, way, says,
                lambda run, way=way: tried(run, name, way, trials))

    case("1", "1 threads", "thread", TRIALS,
         [("levels", "3 deep, a pool for each level")])
    case("4", "4 threads", "thread", TRIALS,
         [("two_deep", "4 at once, 2 deep")])
    case("5", "5 threads", "thread", TRIALS,
         [("two_deep", "4 at once, 2 deep")])
    case("8", "8 threads", "thread", TRIALS,
         [("three_deep", "4 at once, 3 deep")])
    case("9", "9 threads", "thread", TRIALS,
         [("three_deep", "4 at once, 3 deep")])
    if hasattr(os, "fork"):
        case("processes", "a pool of processes", "process", 1,
             [("wait_4", "4 wait for a fifth job, 4 processes"),
              ("wait_5", "4 wait for a fifth job, 5 processes"),
              ("copy", "a job uses the pool, as it was copied")])
    experiment.child("try", lambda args: attempt(*args))
    return experiment.run()


def tried(run, case, way, trials):
    said, is_stuck = watch(run, case, way, trials)
    stuck = trials - said.count("done")
    if is_stuck != (stuck > 0):
        raise lab.Failure("%s/%s says %s" % (case, way, said))
    run.metric("stuck_share", float(stuck) / trials)
    return "%d of %d stuck" % (stuck, trials)


def attempt(case, way, trials):
    size = int(case) if case.isdigit() else int(way[-1:].replace("y", "2"))
    works = {"two_deep": lambda: at_once(size, 2),
             "three_deep": lambda: at_once(size, 3),
             "levels": lambda: levels(size),
             "wait_4": lambda: wait(size),
             "wait_5": lambda: wait(size),
             "copy": lambda: copy(size)}
    gate = lab.Gate(int(trials))
    done = threading.Lock()

    def trial():
        gate.wait()
        works[way]()
        with done:
            sys.stdout.write("done\n")
            sys.stdout.flush()

    print("ready")
    sys.stdout.flush()
    if trials == "1":
        trial()  # it forks, and so is alone
        return
    threads = [threading.Thread(target=trial) for _ in range(int(trials))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# ANCHOR: nested
def request(pool, deep):
    """Does its own part, and has the pool do the next level."""
    time.sleep(PART_S)
    if deep > 1:
        # Its thread waits for another thread of the same pool.
        pool.submit(request, pool, deep - 1).result()


def at_once(size, deep):
    pool = warm(ThreadPoolExecutor(size), size)
    all_of_them([pool.submit(request, pool, deep) for _ in range(REQUESTS)])
# ANCHOR_END: nested


def warm(pool, size):
    """Its threads are there: Python starts them when there is work."""
    all_of_them([pool.submit(time.sleep, PART_S) for _ in range(size)])
    return pool


def all_of_them(futures):
    for future in futures:
        future.result()


def levels(size):
    first, second, third = [ThreadPoolExecutor(size) for _ in range(3)]

    def one():
        time.sleep(PART_S)
        second.submit(two).result()

    def two():
        time.sleep(PART_S)
        third.submit(time.sleep, PART_S).result()

    all_of_them([first.submit(one) for _ in range(REQUESTS)])


# ANCHOR: processes
def wait(size):
    """Four wait for what the fifth says."""
    pool = forked(size)
    waiting = [pool.submit(wait_for_it) for _ in range(REQUESTS)]
    all_of_them(waiting + [pool.submit(say_it)])


def wait_for_it():
    SAID.wait()


def say_it():
    SAID.set()


def copy(size):
    """A worker finds a copy of its parent's pool, and its lock, taken."""
    global POOL
    POOL = forked(size)
    POOL.submit(use_the_copy).result()


def use_the_copy():
    POOL.submit(time.sleep, PART_S).result()
# ANCHOR_END: processes


def forked(size):
    return ProcessPoolExecutor(
        size, mp_context=multiprocessing.get_context("fork"))


POOL = None
SAID = (multiprocessing.get_context("fork").Event()
        if hasattr(os, "fork") else None)


if __name__ == "__main__":
    sys.exit(main())
