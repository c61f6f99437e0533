"""Two threads that wait: is the lock let go?

Run:  python examples/global_lock/gil_io.py
See:  two waits take as long as one: for a sleep, for an answer over a socket
      and for a line from a file.

The socket's other end is the Rust example's server, so Rust is needed; the
file's other end is this program again.
"""

import os
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

WAIT_MS = 30
server = lab.Server("gil_io")


def main():
    experiment = lab.Experiment(
        "gil_io",
        "Two threads wait for something: one after the other, or both at "
        "once?")
    for case, label, prepare in [
            ("sleep", "a sleep of 30 ms", lambda: nap),
            ("socket", "an answer after 30 ms", connect),
            ("file", "a line in a file after 30 ms", files)]:
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


class files(object):
    """Two files, each with a process behind it that writes late."""

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
