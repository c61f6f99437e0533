"""Stuck is observed and not guessed: for a while a process does nothing, and
all of its threads wait. As src/watch.rs does it."""

import os
import time

PAUSE_S = 0.005
# In ticks of 10 ms: what somebody who waits for the global lock, and asks again
# and again, may use meanwhile.
NOTHING = 1
# By then each child has ended or is stuck.
LIMIT_S = 30


def stuck(children, patience_s):
    """Waits for the children to end, and returns those that are stuck: over a
    stretch of `patience_s` each has used no CPU time to speak of, and all of
    its threads waited at the beginning and at the end.

    A child has a `pid`, and `has_ended()` tells whether it has.
    """
    began = time.monotonic()
    time.sleep(PAUSE_S)  # for most it is time enough to get stuck
    while True:
        before = dict((child.pid, look(child.pid)) for child in children)
        since = time.monotonic()
        while children and time.monotonic() - since < patience_s:
            children = [c for c in children if not c.has_ended()]
            time.sleep(PAUSE_S)
        if all(is_still(before[c.pid], look(c.pid)) for c in children):
            return children
        if time.monotonic() - began > LIMIT_S:
            raise RuntimeError("a child neither ends nor waits")


def is_still(then, now):
    return then[1] and now[1] and now[0] - then[0] <= NOTHING


def look(pid, waiting="S"):
    """The CPU time of a process's threads, in ticks, and whether all of them
    wait. Where nobody tells, patience alone must do."""
    if not os.path.isdir("/proc/self/task"):
        return 0, True
    used, waits = 0, True
    try:
        for thread in os.listdir("/proc/%d/task" % pid):
            thread = "/proc/%d/task/%s/" % (pid, thread)
            with open(thread + "stat") as stat:
                # The name, in parentheses, may hold anything.
                fields = stat.read().rpartition(") ")[2].split()
            waits = waits and fields[0] in waiting
            used += int(fields[11]) + int(fields[12])
            # A child of its own may be about to give it something to do.
            for child in children_of(thread):
                theirs = look(child, "SZ")
                used, waits = used + theirs[0], waits and theirs[1]
    except EnvironmentError:  # it has just ended
        return 0, False
    return used, waits


def children_of(thread):
    if not os.path.exists(thread + "children"):
        return []
    with open(thread + "children") as children:
        return [int(child) for child in children.read().split()]
