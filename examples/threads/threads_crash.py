"""One thread of four breaks: who else goes down with it?

Run:  python examples/threads/threads_crash.py
See:  an exception takes its own thread and nothing else, endless recursion and
      sys.exit() included: they are exceptions too. Rust's panic ends its own
      thread likewise, but there join() says so. What ends the process
      (os._exit, os.abort, a bad memory access) takes the three siblings along.

Each way is tried in a child process; the parent counts the siblings that
lived to say so. Nothing here is simulated.
"""

import ctypes
import os
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

SIBLINGS = 3
# Long enough for the broken thread to break first.
SIBLING_MS = 50


def main():
    ways = [("exception", "uncaught exception"),
            ("exception_locked", "exception while holding a lock"),
            ("sys_exit", "sys.exit() in the thread"),
            ("exit", "os._exit"),
            ("abort", "os.abort"),
            ("recursion", "endless recursion"),
            ("segfault", "write to address 0")]
    if not hasattr(os, "abort"):
        ways.remove(("abort", "os.abort"))  # Jython
    experiment = lab.Experiment(
        "threads_crash", "When one thread breaks, who goes down with it?",
        baseline="none")
    experiment.observed()
    for way, label in ways:
        experiment.variant("thread", way, label,
                           lambda run, way=way: observe(run, way))
    experiment.child("crash", lambda args: crash(args[0]))
    return experiment.run()


# ANCHOR: crash
def crash(way):
    lab.no_core_file()
    shared = threading.Lock()

    def sibling():
        time.sleep(SIBLING_MS / 1000.0)
        # If its holder raised, the lock is free again, and nobody is told.
        with shared:
            print("sibling finished")
            sys.stdout.flush()

    siblings = [threading.Thread(target=sibling) for _ in range(SIBLINGS)]
    broken = threading.Thread(target=break_down, args=(way, shared))
    for thread in siblings + [broken]:
        thread.start()
    broken.join()  # returns None, whatever happened there
    for thread in siblings:
        thread.join()
# ANCHOR_END: crash


def break_down(way, shared):
    if way == "exception":
        raise RuntimeError("on purpose")
    elif way == "exception_locked":
        with shared:
            raise RuntimeError("on purpose, while holding the lock")
    elif way == "sys_exit":
        sys.exit(3)  # an exception, too: only a main thread ends the process
    elif way == "exit":
        os._exit(3)
    elif way == "abort":
        os.abort()
    elif way == "recursion":
        deeper(0)
    elif way == "segfault":
        ctypes.memset(0, 1, 1)
    print("nothing broke")


def deeper(depth):
    return deeper(depth + 1) + 1


def observe(run, way):
    run.elsewhere()
    child = subprocess.Popen(
        lab.rerun_self("crash", [way]), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, universal_newlines=True,
        cwd=tempfile.gettempdir())  # a dying JVM leaves a log behind
    said, _ = child.communicate()
    if "nothing broke" in said:
        raise lab.Failure("%s does not break a thread here" % way)
    finished = said.count("sibling finished")
    run.metric("siblings", finished)
    return "%d of %d siblings finish; %s" % (
        finished, SIBLINGS, lab.ending(child.returncode))


if __name__ == "__main__":
    sys.exit(main())
