"""A server in a process of its own, and the clients that ask it."""

import os
import signal
import socket
import subprocess
import sys
import time

import lab

LIFE_S = 20  # no server lives longer, whatever becomes of who started it
LIMIT_S = 10  # by then it must have ended


def begin():
    """For a child: it ends some day, and its signals do what they do by
    default. Whoever starts us may have ignored them."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "alarm"):
        signal.alarm(LIFE_S)


def listener():
    """A listener on a free port."""
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    made.listen(128)
    return made


def announce(address):
    """For a child: it is there, and its signals are taken care of."""
    say("%s %d" % address)


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def started(name, *args, **options):
    """Starts the program's child `name`. Returns when it has said something,
    and so is there."""
    child = subprocess.Popen(
        lab.rerun_self(name, args), stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, universal_newlines=True,
        start_new_session=True, **options)
    return child, child.stdout.readline().strip()


class Server(object):
    """A server, as its clients see it."""

    def __init__(self, *args):
        self.child, address = started("serve", *args)
        host, port = address.split()
        self.address = host, int(port)

    def tell(self):
        os.kill(self.child.pid, signal.SIGTERM)

    def tell_group(self):
        os.killpg(self.child.pid, signal.SIGTERM)

    def ends(self):
        """Waits until it ends."""
        if not ends_by(self.child, lab.clock() + LIMIT_S):
            raise lab.Failure("the server does not end")

    def clear_up(self):
        """It is gone, and all of its group."""
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except OSError:
            pass  # there is none any more
        self.child.wait()
        self.child.stdout.close()


def ends_by(child, then):
    """Whether a child has ended by then."""
    while child.poll() is None:
        if lab.clock() > then:
            return False
        time.sleep(0.0002)
    return True


def ask(address, ms):
    """A connection that has asked for work of so many milliseconds."""
    connection = socket.create_connection(address, LIMIT_S)
    connection.sendall(b"work %d\n" % ms)
    return connection


def begun(connection):
    """Waits until the work has begun."""
    said = b""
    while len(said) < 6:
        said += connection.recv(6 - len(said))
    assert said == b"begun\n"


def is_answered(connection):
    """Whether the connection brings all of the answer before it ends."""
    said = b""
    with connection:
        try:
            for read in iter(lambda: connection.recv(100), b""):
                said += read
        except OSError:
            pass  # an end like others
    return said.endswith(b"done\n")
