"""Two threads that wait: is the lock let go?

Run:  python examples/global_lock/gil_io.py
See:  two waits take as long as one: for a sleep, for an answer over a socket,
      for a line through a pipe, for a lock that a third thread has. A file
      that is in memory need not be waited for, only copied; two threads copy
      on two cores, which they could not if a global lock was kept meanwhile.

The socket's other end is the Rust example's server, so Rust is needed; the
pipe's other end is this program again.
"""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

WAIT_MS = 30
FILE_BYTES = 4 << 20
READS = 120
server = lab.Server("gil_io")


def main():
    experiment = lab.Experiment(
        "gil_io",
        "Two threads wait for something: one after the other, or both at "
        "once?")
    for case, label, prepare in [
            ("sleep", "a sleep of 30 ms", lambda: nap),
            ("socket", "an answer after 30 ms", connect),
            ("pipe", "a line through a pipe after 30 ms", pipes),
            ("lock", "a lock that is let go after 30 ms", lambda: take_lock),
            ("cached", "a file in memory, read 120 times", files)]:
        experiment.case(case, label)
        experiment.variant(
            "alone", "sequential", "one after the other",
            lambda run, p=prepare: timed(run, p(), sequential))
        experiment.variant("thread", "threads", "2 threads",
                           lambda run, p=prepare: timed(run, p(), threads))
    experiment.child("late", lambda _: late())
    return experiment.run()


def timed(run, wait, both):
    run.start_clock()
    answers = both(run, wait)
    run.stop_clock()
    getattr(wait, "close", lambda: None)()
    return "%d %d" % tuple(answers)


def sequential(run, wait):
    return [wait(0), wait(1)]


def threads(run, wait):
    return run.together(2, wait)


def nap(which):
    time.sleep(WAIT_MS / 1000.0)
    return which * which


def connect():
    address = server.address  # starts the server before the clock

    def fetch(which):
        connection = socket.create_connection(address)
        connection.sendall(
            ("GET /%d?delay_ms=%d HTTP/1.1\r\nhost: localhost\r\n\r\n"
             % (which, WAIT_MS)).encode("ascii"))
        response = b""
        while True:
            part = connection.recv(4096)
            if not part:
                break
            response += part
        connection.close()
        return int(response.split(b"\r\n\r\n")[-1])

    return fetch


def take_lock(which):
    """A thread has it, and lets it go late."""
    lock = threading.Lock()
    lock.acquire()
    threading.Timer(WAIT_MS / 1000.0, lock.release).start()
    with lock:
        return which * which


class files(object):
    """Two regular files, written a moment ago: the kernel still has them."""

    def __init__(self):
        self.files = [tempfile.TemporaryFile("w+b", 0) for _ in range(2)]
        self.buffers = []
        for which, file in enumerate(self.files):
            # The buffer is written, too, or its first use would cost more.
            self.buffers.append(bytearray([which * which]) * FILE_BYTES)
            file.write(self.buffers[which])

    def __call__(self, which):
        file, buffer = self.files[which], self.buffers[which]
        for _ in range(READS):
            file.seek(0)
            if file.readinto(buffer) != FILE_BYTES:
                raise IOError("not all of the file")
        return buffer[-1]

    def close(self):
        for file in self.files:
            file.close()


class pipes(object):
    """Two pipes, each with a process behind it that writes late."""

    def __init__(self):
        self.children = [
            subprocess.Popen(lab.rerun_self("late"), stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, universal_newlines=True)
            for _ in range(2)]
        for child in self.children:
            child.stdout.readline()  # it is there

    def __call__(self, which):
        child = self.children[which]
        child.stdin.write("%d\n" % which)
        child.stdin.flush()
        return int(child.stdout.readline())

    def close(self):
        for child in self.children:
            child.communicate()


def late():
    print("ready")
    sys.stdout.flush()
    for line in iter(sys.stdin.readline, ""):
        time.sleep(WAIT_MS / 1000.0)
        print(int(line) ** 2)
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
