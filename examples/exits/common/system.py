"""What the peers ask of the system about processes. Linux only: elsewhere the
answer is that it cannot be had."""

import ctypes
import os
import signal
import sys
import time

IS_HERE = sys.platform.startswith("linux")
NOT_HERE = "cannot be had here"
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000

LIBC = ctypes.CDLL(None) if IS_HERE else None


def be_first():
    """Whether we got process numbers of our own for what we start: the first
    that we start is process 1. As an ordinary user we need users of our own,
    too."""
    return IS_HERE and (
        LIBC.unshare(CLONE_NEWPID) == 0
        or LIBC.unshare(CLONE_NEWPID | CLONE_NEWUSER) == 0)


def adopt_orphans():
    """Whether orphans below us become our children."""
    return IS_HERE and LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


def die_with_parent():
    """Whether the kernel kills us when the thread that started us has ended."""
    return IS_HERE and LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL) == 0


class Limited(object):
    """A control group of so many processes at most, as containers have one. We
    are in it, and so is whatever we start. It takes root, and the controller
    of processes, of version 1 or 2: `is_here` says whether it could be had."""

    def __init__(self, most):
        self.folder = None
        for root in ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"]:
            folder = os.path.join(root, "exits-%d" % os.getpid())
            try:
                os.mkdir(folder)
            except OSError:
                continue
            self.folder = folder
            try:
                put(os.path.join(folder, "pids.max"), most)
                put(os.path.join(folder, "cgroup.procs"), 0)  # ourselves
                return
            except OSError:
                self.leave()

    @property
    def is_here(self):
        return self.folder is not None

    def leave(self):
        """Takes it away again; all others in it must have ended."""
        if self.folder is None:
            return
        above = os.path.dirname(self.folder)
        try:
            put(os.path.join(above, "cgroup.procs"), 0)
        except OSError:
            pass  # we were not in it
        until(1, lambda: not os.path.isdir(self.folder) or self._is_removed())
        self.folder = None

    def _is_removed(self):
        try:
            os.rmdir(self.folder)
            return True
        except OSError:
            return False


def put(path, value):
    """Into a file that must be there."""
    file = os.open(path, os.O_WRONLY)
    try:
        os.write(file, str(value).encode())
    finally:
        os.close(file)


def heed_interrupt():
    """Has SIGINT do what Python has it do, unless it was started in the
    background of a shell that does without."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def our_pid():
    """Our own number, as /proc has it."""
    return int(os.readlink("/proc/self"))


def parent():
    """Our parent's number, as /proc has it."""
    return stat(our_pid())[1]


def children(of):
    """The children of a process: each one's number, and whether it is a
    zombie."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        state, above = stat(pid)
        if above == of:
            found.append((int(pid), state in "ZX"))
    return found


def lives(pid):
    """Whether it is there, and no zombie."""
    return stat(pid)[0] not in "ZX"


def stat(pid):
    """proc_pid_stat(5): after the name come the state and the parent."""
    try:
        with open("/proc/%s/stat" % pid, "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return "X", 0  # it has just ended
    return fields[0].decode(), int(fields[1])


def until(patience_s, is_so):
    """Asks until it is so, or `patience_s` is over. Whether it became so."""
    began = time.monotonic()
    while time.monotonic() - began < patience_s:
        if is_so():
            return True
        time.sleep(0.001)
    return is_so()


def reap(pid):
    """Waits for one child, if nobody else has."""
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        pass


def every_child():
    """Takes leave of all children that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def wait_for_all():
    """Waits until there is no child of ours any more, adopted ones too."""
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass


def end_all_children():
    """Ends every child of ours, and those that come to us when they end."""
    while True:
        left = children(our_pid())
        if not left:
            return
        for pid, _ in left:
            os.kill(pid, signal.SIGKILL)
            reap(pid)


def forked(work, *args):
    """A child that does the work and ends; its number. Nothing of ours is
    flushed or called in it."""
    pid = os.fork()
    if pid:
        return pid
    try:
        work(*args)
        os._exit(0)
    except BaseException as error:
        os.write(2, ("%r\n" % error).encode())
        os._exit(1)
