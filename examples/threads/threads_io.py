"""Waiting in threads: 24 requests to a server that takes 20 ms for each.

Run:  python examples/threads/threads_io.py
See:  one after another takes 24 delays, six threads take four, and a thread
      for each request little more than one. The global lock does not matter:
      a thread that waits has let go of it.

The server is the Rust example's, in a process of its own on 127.0.0.1. It
needs cargo, or LAB_EXAMPLE=target/debug/examples/threads_io once it is built.
"""

import collections
import contextlib
import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

REQUESTS = 24
DELAY_MS = 20
WORKERS = 6


def main():
    server = lab.Server("threads_io")

    def with_server(work):
        def variant(run):
            address = server.address
            run.start_clock()
            return work(run, address)
        return variant

    experiment = lab.Experiment(
        "threads_io", "What do threads gain when the work is waiting?")
    experiment.variant("alone", "sequential", "one after another",
                       with_server(sequential))
    experiment.variant("thread", "workers", "6 threads", with_server(workers))
    experiment.variant("thread", "threads", "a thread each",
                       with_server(threads))
    return experiment.run()


# ANCHOR: variants
def sequential(run, server):
    return sum(fetch(server, n) for n in range(REQUESTS))


def threads(run, server):
    return sum(run.together(REQUESTS, lambda n: fetch(server, n)))


def workers(run, server):
    numbers = collections.deque(range(REQUESTS))
    answers = [None] * REQUESTS

    def work(_):
        while True:
            try:
                # Whoever is free takes the next number. No lock is needed: a
                # deque's popleft() is one step to all other threads.
                n = numbers.popleft()
            except IndexError:
                return
            answers[n] = fetch(server, n)

    run.together(WORKERS, work)
    return sum(answers)
# ANCHOR_END: variants


def fetch(server, n):
    """Asks for the square of n over HTTP/1.1, on a connection of its own. A
    real client would look at the headers; this one knows its server."""
    request = "GET /%d?delay_ms=%d HTTP/1.1\r\nhost: localhost\r\n\r\n"
    with contextlib.closing(socket.socket()) as connection:
        connection.connect(server)
        connection.sendall((request % (n, DELAY_MS)).encode("ascii"))
        response = b""
        while True:
            received = connection.recv(4096)
            if not received:
                return int(response.rpartition(b"\r\n\r\n")[2])
            response += received


if __name__ == "__main__":
    sys.exit(main())
