"""To be told when a call would not block: epoll, for a file and for messages.

Run:  python examples/event_loop/loop_uring.py
See:  column `each`. epoll takes no file, since a file is always ready: that is
      the PermissionError of add_reader. To echo a message takes three calls,
      and of 32 that come at once, each takes two. Python has no io_uring.

Needs Linux, and Python 3.7.
"""

import os
import select
import socket
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

READS = 1000
BLOCK = 4 << 10
SIZE = 100
MESSAGES = 1600


def main():
    experiment = lab.Experiment(
        "loop_uring",
        "What do epoll and io_uring take for a read and a message?",
        baseline="read")
    experiment.case("file", "1 000 blocks of 4 KiB from a cached file")
    experiment.variant("alone", "read", "read, one by one", by_read)
    for case, label, pairs in [
            ("one", "messages of 100 bytes, one at a time", 1),
            ("many", "messages of 100 bytes, 32 at a time", 32)]:
        experiment.case(case, label)
        experiment.variant("task", "epoll", "epoll",
                           lambda run, pairs=pairs: by_epoll(run, pairs))
    experiment.case("refused", "a file, handed to epoll")
    experiment.observed()
    experiment.variant("alone", "epoll", "epoll", refused)
    return experiment.run()


def by_read(run):
    with tempfile.TemporaryFile(buffering=0) as file:
        for n in range(READS):
            file.write(bytes([n % 251]) * BLOCK)
        file.seek(0)
        run.start_clock()
        total = sum(file.read(BLOCK)[0] for _ in range(READS))
        told(run, READS, READS)
    return "blocks %d" % total


def by_epoll(run, pairs):
    both = [socket.socketpair() for _ in range(pairs)]
    theirs = dict((their.fileno(), their) for _, their in both)
    message, calls = b"\7" * SIZE, 0
    with select.epoll() as epoll:
        for fd in theirs:
            epoll.register(fd, select.EPOLLIN)
        run.start_clock()
        for _ in range(MESSAGES // pairs):
            for our, _ in both:
                our.send(message)
            echoed = 0
            while echoed < pairs:
                for fd, _ in epoll.poll():
                    theirs[fd].send(theirs[fd].recv(SIZE))
                    echoed += 1
                    calls += 2
                calls += 1
            for our, _ in both:
                our.recv(SIZE)
        told(run, MESSAGES, calls)
    for pair in both:
        for one in pair:
            one.close()
    return "%d echoed" % MESSAGES


def told(run, count, calls):
    run.stop_clock()
    run.metric("each_us", run.elapsed() * 1e6 / count)
    run.metric("calls_each", calls / count)


def refused(run):
    with tempfile.TemporaryFile() as file, select.epoll() as epoll:
        try:
            epoll.register(file.fileno(), select.EPOLLIN)
        except OSError as error:
            return "%s: %s" % (type(error).__name__, error)
        return "taken"


if __name__ == "__main__":
    sys.exit(main())
