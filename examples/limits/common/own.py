"""Limits that a process sets for itself. They are for children of an
experiment: what one of them may not have any more, nobody else misses.

Linux only.
"""

import errno
import os
import socket
import sys

import lab

if not sys.platform.startswith("linux"):
    sys.exit("Linux only")
import resource

# Of linux/in.h; Python has no name for it.
LOCAL_PORT_RANGE = 51


def named(error):
    """The error's name, where it has one, and what it says."""
    name = errno.errorcode.get(getattr(error, "errno", None))
    said = "%s: %s" % (type(error).__name__, error)
    said = said.rstrip(": ")  # a MemoryError has nothing to say
    if isinstance(error, socket.gaierror) or name is None:
        return said
    return "%s: %s" % (name, said)


def limit(what, most):
    resource.setrlimit(what, (most, most))


def files(most):
    """No more open files than this."""
    limit(resource.RLIMIT_NOFILE, most)


def tasks(most):
    """No more threads and processes of this user than this, ours among them.
    The limit does not bind root, so root becomes somebody else first."""
    if os.getuid() != 0:
        limit(resource.RLIMIT_NPROC, most + tasks_of(os.getuid()) - 1)
        return
    limit(resource.RLIMIT_NPROC, most)
    os.setuid(60706 + os.getpid() % 478)  # nobody's, by systemd's list


def tasks_of(user):
    """Threads and processes that a user has now."""
    count = 0
    for process in os.listdir("/proc"):
        try:
            if process.isdigit() and os.stat("/proc/" + process).st_uid == user:
                count += len(os.listdir("/proc/%s/task" % process))
        except OSError:
            continue  # it has just ended
    return count


def room(bytes_more):
    """No more address space than now and this."""
    now = lab.proc_bytes("/proc/self/status", "VmSize:")
    limit(resource.RLIMIT_AS, now + bytes_more)


def choose_from(sock, first, count):
    """The ports that connect() or bind() choose from, for this socket alone.
    Needs Linux 6.3."""
    ports = (first + count - 1) << 16 | first
    sock.setsockopt(socket.IPPROTO_IP, LOCAL_PORT_RANGE,
                    ports.to_bytes(4, "little"))


def free_ports(count):
    """The first of some that nobody has. They are of those that the system
    chooses from, since others have no effect."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as ends:
        low, high = map(int, ends.read().split())
    places = (high - low) // count
    for i in range(places):
        first = low + (os.getpid() + i) % places * count
        if all(is_free(first + port) for port in range(count)):
            return first
    raise lab.Failure("no ports are free")


def is_free(port):
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
