"""A control group with a quota of CPU time, for a child process, until it is
removed. See src/cgroup.rs."""

import itertools
import os
import sys
import time

import lab

NAME = "taking-turns-"
PERIOD_US = 100000
NUMBERS = itertools.count()


class Group(object):
    """Has so many cores' time in each period."""

    def __init__(self, cores):
        name = "%s%d-py%d" % (NAME, os.getpid(), next(NUMBERS))
        failed = OSError("no control groups")
        for version, below in places():
            self.path = os.path.join(below, name)
            self._switched_on = None
            try:
                os.mkdir(self.path)
                self._limit(version, below, int(cores * PERIOD_US))
                return
            except OSError as error:  # IOError, too
                failed = error
                self.remove()
        raise failed

    def _limit(self, version, below, quota_us):
        if version == 1:
            self._set("cpu.cfs_period_us", PERIOD_US)
            self._set("cpu.cfs_quota_us", quota_us)
            return
        if not os.path.exists(os.path.join(self.path, "cpu.max")):
            control = os.path.join(below, "cgroup.subtree_control")
            write(control, "+cpu")
            self._switched_on = control
        self._set("cpu.max", "%d %d" % (quota_us, PERIOD_US))

    def _set(self, name, value):
        write(os.path.join(self.path, name), str(value))

    def take(self, pid):
        """Takes a process in, with all of its threads."""
        self._set("cgroup.procs", pid)

    def remove(self):
        """A process that has ended may be in it for a moment longer."""
        for _ in range(100):
            try:
                os.rmdir(self.path)
            except OSError:
                if os.path.isdir(self.path):
                    time.sleep(0.002)
                    continue
            break
        if self._switched_on:
            try:
                write(self._switched_on, "-cpu")
            except OSError:
                pass  # another one of ours may still need it


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def allowed(experiment):
    """Whether groups can be made here. If not, the reader is told why."""
    if lab.is_child():
        return True  # its parent has tried
    try:
        Group(1.0).remove()
        return True
    except (IOError, OSError) as error:
        sys.stderr.write("%s: no control group with a quota here (%s)\n"
                         % (experiment, error))
        return False


def places():
    """Folders in which a group could be made: below our own group, then at the
    top; where both versions have the controller, version 1 has it."""
    found = []
    with open("/proc/self/cgroup") as file:
        own = [line.rstrip("\n").split(":", 2)[1:] for line in file]
    with open("/proc/self/mounts") as file:
        mounts = [line.split() for line in file]
    for _, top, kind, options in [mount[:4] for mount in mounts]:
        if kind == "cgroup" and "cpu" in options.split(","):
            version = 1
        elif kind == "cgroup2":
            version = 2
        else:
            continue
        for controllers, path in own:
            ours = ("cpu" in controllers.split(",") if version == 1
                    else not controllers)
            if ours and path != "/":
                found.append((version, os.path.join(top, path.lstrip("/"))))
        found.append((version, top))
    return sorted(found, key=lambda place: place[0])
