"""What both sides of process_ipc do, whatever lies between them."""

import multiprocessing
import os
import struct
import threading

import lab

WARM_UP = 100
TRIPS = 1000
# As much as a pipe holds, unless told otherwise.
CHUNK = 64 << 10
CHUNKS = 1024
CONTEXT = multiprocessing.get_context("fork")
NUMBER = struct.Struct("Q")


class Work(object):
    """The work of our side, and that of the other."""

    def __init__(self, run, work, core):
        self._run = run
        self._work = work
        self._core = core

    def do(self, send, receive):
        """Our side; send() and receive() take and give bytes."""
        return self._work(self._run, send, receive)

    def do_theirs(self, receive, send):
        os.sched_setaffinity(0, self._core)  # of this thread
        theirs = add_one if self._work is trips else check
        theirs(receive, send)

    def thread(self, receive, send):
        return threading.Thread(target=self.do_theirs, args=(receive, send))

    def process(self, receive, send):
        return CONTEXT.Process(target=self.do_theirs, args=(receive, send))


def trips(run, send, receive):
    def ask(number):
        send(NUMBER.pack(number))
        return NUMBER.unpack(receive())[0]

    for number in range(WARM_UP):
        ask(number)
    run.start_clock()
    began = lab.clock()
    wrong = sum(ask(number) != number + 1 for number in range(TRIPS))
    took = lab.clock() - began
    run.stop_clock()
    send(b"")  # no more of them
    run.metric("trip_us", took / TRIPS * 1e6)
    run.metric("wrong", wrong)
    return "%d right" % (TRIPS - wrong)


def add_one(receive, send):
    for message in iter(receive, b""):
        send(NUMBER.pack(NUMBER.unpack(message)[0] + 1))


def bulk(run, send, receive):
    receive()  # the other side is there
    run.start_clock()
    began = lab.clock()
    for n in range(CHUNKS):
        send(bytes([n % 256]) * CHUNK)
    right = NUMBER.unpack(receive())[0]
    took = lab.clock() - began
    run.stop_clock()
    run.metric("mib_us", took / (CHUNKS * CHUNK >> 20) * 1e6)
    run.metric("wrong", CHUNKS - right)
    return "%d right" % right


def check(receive, send):
    send(NUMBER.pack(0))  # we are there
    right = sum(receive() == bytes([n % 256]) * CHUNK for n in range(CHUNKS))
    send(NUMBER.pack(right))
