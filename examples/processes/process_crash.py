"""One process of four breaks: who else goes down with it?

Run:  python examples/processes/process_crash.py
See:  whatever breaks it, the three siblings finish and the parent goes on,
      and the parent is told how it ended. Even when it is the parent that
      breaks, its children finish. An exception that nobody catches ends a
      process with status 1, where it would end only its own thread.

A family of processes is started for each way: a parent, which is not this
program's own process, and its four children. Nothing here is simulated.
"""

import ctypes
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

try:
    import resource
except ImportError:  # Windows, Jython
    resource = None

SIBLINGS = 3
# Long enough for the broken process to break first; an interpreter that starts
# takes its time.
SIBLING_MS = 200
# Room for a small program, and not for what comes.
MEMORY_LIMIT = 512 << 20


def main():
    ways = [("exception", "uncaught exception"),
            ("sys_exit", "sys.exit()"),
            ("exit", "os._exit"),
            ("abort", "os.abort"),
            ("segfault", "write to address 0"),
            ("out_of_memory", "memory is refused"),
            ("killed", "killed by its parent"),
            ("parent_aborts", "the parent aborts")]
    if not hasattr(os, "abort"):  # Jython
        ways = [way for way in ways if "abort" not in way[0]]
    if resource is None:
        ways = [way for way in ways if way[0] != "out_of_memory"]
    experiment = lab.Experiment(
        "process_crash", "When one process breaks, who goes down with it?",
        baseline="none")
    experiment.observed()
    for way, label in ways:
        experiment.variant("process", way, label,
                           lambda run, way=way: observe(run, way))
    experiment.child("family", lambda args: family(args[0]))
    experiment.child("sibling", lambda args: sibling())
    experiment.child("broken", lambda args: break_down(args[0]))
    return experiment.run()


# ANCHOR: crash
def family(way):
    siblings = [start("sibling") for _ in range(SIBLINGS)]
    broken = start("broken", way)
    if way == "killed":
        broken.kill()
    elif way == "parent_aborts":
        break_down("abort")
    broken.wait()
    print("parent saw " + lab.ending(broken.returncode))
    for each in siblings:
        assert each.wait() == 0
    print("parent finished")


def sibling():
    time.sleep(SIBLING_MS / 1000.0)
    print("sibling finished")
# ANCHOR_END: crash


def start(child, *args):
    """All of them write to the same pipe, which observe() reads."""
    return subprocess.Popen(lab.rerun_self(child, args), stdin=subprocess.PIPE)


def break_down(way):
    lab.no_core_file()
    if way == "exception":
        raise RuntimeError("on purpose")
    elif way == "sys_exit":
        sys.exit(3)
    elif way == "exit":
        os._exit(3)
    elif way == "abort":
        os.abort()
    elif way == "segfault":
        ctypes.memset(0, 1, 1)
    elif way == "out_of_memory":
        # A limit of its own: it is told no. Where a whole machine runs out, the
        # kernel kills, and not always whom we expect.
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
        bytearray(2 * MEMORY_LIMIT)
    elif way == "killed":
        # Long enough to be killed, and not forever if nobody does it.
        time.sleep(10)
    elif way == "parent_aborts":
        return  # somebody else breaks
    print("nothing broke")


def observe(run, way):
    run.elsewhere()
    parent = subprocess.Popen(
        lab.rerun_self("family", [way]), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        universal_newlines=True,
        cwd=tempfile.gettempdir())  # a dying JVM leaves a log behind
    # Returns when the last of the family has closed the pipe, not the parent.
    said, _ = parent.communicate()
    if "nothing broke" in said:
        raise lab.Failure("%s does not break a process here" % way)
    siblings = said.count("sibling finished")
    parents = said.count("parent finished")
    run.metric("siblings", siblings)
    run.metric("parent", parents)
    saw = [line for line in said.splitlines() if line.startswith("parent saw")]
    if parents and saw:
        fate = "goes on, and saw " + saw[0][len("parent saw "):]
    else:
        fate = "is gone: " + lab.ending(parent.returncode)
    return "%d of %d siblings finish; the parent %s" % (
        siblings, SIBLINGS, fate)


if __name__ == "__main__":
    sys.exit(main())
