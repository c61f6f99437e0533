"""Watches a child process and its own children until they have ended, or
nothing in them moves any more."""

import os
import signal
import subprocess
import time

import lab

PATIENCE_S = 0.2  # so long nothing may move
LIMIT_S = 20  # by then it must have ended, or stand still
ALONE_S = 1.5  # where threads cannot be looked at, it may take so long


def watch(run, *args):
    """Has the program's child `try` do what `args` say. Returns its lines, and
    whether it stood still and was ended."""
    run.elsewhere()
    child = subprocess.Popen(
        lab.rerun_self("try", args), stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, universal_newlines=True,
        start_new_session=True)
    try:
        if child.stdout.readline().strip() != "ready":
            raise lab.Failure("%s: the child does not begin" % (args,))
        run.start_clock()
        asleep = until_it_is_still(child)
        run.stop_clock()
    finally:
        end(child)
    said = child.stdout.read().splitlines()
    if asleep is None and child.returncode != 0:
        raise lab.Failure("%s: %s" % (args, lab.ending(child.returncode)))
    if asleep:
        run.metric("asleep", asleep)
    return said, asleep is not None


# ANCHOR: watch
def until_it_is_still(child):
    """None when it has ended, else how many threads sleep: all of them."""
    began = since = time.monotonic()
    before = None
    while time.monotonic() - began < LIMIT_S:
        if child.poll() is not None:
            return None
        now = look(child.pid)
        if now is None:
            if time.monotonic() - began > ALONE_S:
                return 0
        elif now != before or not all(state == "S" for _, state, _ in now):
            before, since = now, time.monotonic()
        elif time.monotonic() - since > PATIENCE_S:
            return len(now)
        time.sleep(PATIENCE_S / 40)
    raise lab.Failure("after %d s it still moves" % LIMIT_S)
# ANCHOR_END: watch


def look(session):
    """Each thread of each process of a session: its number, its state, and how
    often it has switched. None where there is no such list."""
    if not os.path.isdir("/proc/self/task"):
        return None
    threads = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.getsid(int(pid)) == session:
                threads += [thread("/proc/%s/task/%s/status" % (pid, tid))
                            for tid in os.listdir("/proc/%s/task" % pid)]
        except (OSError, KeyError):
            continue  # it has just ended
    return sorted(threads)


def thread(path):
    with open(path) as status:
        fields = dict(line.rstrip("\n").split(":", 1) for line in status)
    return (int(fields["Pid"]), fields["State"].strip()[0],
            int(fields["voluntary_ctxt_switches"])
            + int(fields["nonvoluntary_ctxt_switches"]))


def end(child):
    """Ends what is left of the child and of its own children."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (OSError, AttributeError):
        child.kill()
    child.wait()
