"""A message to another process and back, and many bytes one way.

Run:  python examples/processes/process_ipc.py
See:  column `trip`: a pipe costs little more than in Rust, a Connection
      pickles every message, and a multiprocessing.Queue has a thread in
      between that feeds the pipe. Column `mib`, the time for a MiB: copying
      takes as long as in Rust.

`latency` and `bulk` keep both sides on one core; `across` has a core for each.
The other side adds one to a number and sends it back, or compares what comes
with what should. Processes are forked. Needs Linux and Python 3.8.
"""

import multiprocessing
import os
import queue
import struct
import sys
import threading
from multiprocessing.shared_memory import SharedMemory

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

WARM_UP = 100
TRIPS = 1000
# As much as a pipe holds, unless told otherwise.
CHUNK = 64 << 10
CHUNKS = 1024
CONTEXT = multiprocessing.get_context("fork")
NUMBER = struct.Struct("Q")


def main():
    experiment = lab.Experiment(
        "process_ipc", "What does it cost to talk to another process?",
        baseline="queue")
    cores = sorted(os.sched_getaffinity(0))
    means = [("thread", "queue", "threads: queue.Queue", by_queue),
             ("thread", "pipe_threads", "threads: pipe", by_pipe_threads),
             ("process", "pipe", "pipe", by_pipe),
             ("process", "mp_pipe", "multiprocessing.Pipe", by_mp_pipe),
             ("process", "mp_queue", "multiprocessing.Queue", by_mp_queue),
             ("process", "shared", "SharedMemory, Semaphore", by_shared)]
    for case, label, work, core in [
            ("latency", "a number there and back, on one core", trips, 0),
            ("across", "the same, a core for each", trips, -1),
            ("bulk", "64 MiB one way, on one core", bulk, 0)]:
        experiment.case(case, label)
        for kind, name, label, talk in means:
            def variant(run, kind=kind, talk=talk, work=work, core=core):
                if kind == "process":
                    run.elsewhere()
                os.sched_setaffinity(0, {cores[0]})
                answer = talk(Work(run, work, {cores[core]}))
                os.sched_setaffinity(0, cores)
                return answer
            experiment.variant(kind, name, label, variant)
        if work is bulk:
            experiment.variant("alone", "alone", "nobody else", alone)
    return experiment.run()


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


# ANCHOR: work
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
    right = sum(receive() == bytes([n % 256]) * CHUNK for n in range(CHUNKS))
    send(NUMBER.pack(right))
# ANCHOR_END: work


# ANCHOR: means
def by_queue(work):
    to, back = queue.Queue(1), queue.Queue(1)
    return talk(work.thread(to.get, back.put), work, to.put, back.get)


def by_mp_queue(work):
    to, back = CONTEXT.Queue(1), CONTEXT.Queue(1)
    return talk(work.process(to.get, back.put), work, to.put, back.get)


def by_mp_pipe(work):
    ours, theirs = CONTEXT.Pipe()
    other = work.process(theirs.recv, theirs.send)
    return talk(other, work, ours.send, ours.recv)


def talk(other, work, send, receive):
    other.start()
    answer = work.do(send, receive)
    other.join()
    return answer
# ANCHOR_END: means


def by_pipe(work):
    return over_pipes(work, work.process)


def by_pipe_threads(work):
    return over_pipes(work, work.thread)


def over_pipes(work, start):
    """Bytes without their length: both sides know what comes next."""
    there, to = os.pipe()
    back, answers = os.pipe()
    other = start(reader(there), writer(answers))
    answer = talk(other, work, writer(to), reader(back))
    for end in (there, to, back, answers):
        os.close(end)
    return answer


def reader(end):
    """Reads what is there: a number, a chunk, or a first byte for no more."""
    def receive():
        got = os.read(end, CHUNK)
        if got == OVER:
            return b""
        # A chunk may come in pieces, a number never does.
        while len(got) not in (NUMBER.size, CHUNK):
            got += os.read(end, CHUNK - len(got))
        return got
    return receive


OVER = b"."


def writer(end):
    def send(message):
        rest = memoryview(message or OVER)
        while rest:
            rest = rest[os.write(end, rest):]
    return send


# ANCHOR: shared
class Slot(object):
    """Room for one message, in memory that several processes have mapped."""

    def __init__(self):
        self._memory = SharedMemory(create=True, size=NUMBER.size + CHUNK)
        self._free, self._full = CONTEXT.Semaphore(1), CONTEXT.Semaphore(0)

    def send(self, message):
        end = NUMBER.size + len(message)
        self._free.acquire()
        self._memory.buf[:NUMBER.size] = NUMBER.pack(end)
        self._memory.buf[NUMBER.size:end] = message
        self._full.release()

    def receive(self):
        self._full.acquire()
        end = NUMBER.unpack(self._memory.buf[:NUMBER.size])[0]
        message = bytes(self._memory.buf[NUMBER.size:end])
        self._free.release()
        return message

    def close(self):
        self._memory.close()
        self._memory.unlink()
# ANCHOR_END: shared


def by_shared(work):
    there, back = Slot(), Slot()
    other = work.process(there.receive, back.send)
    answer = talk(other, work, there.send, back.receive)
    there.close()
    back.close()
    return answer


def alone(run):
    """Fills and checks, and gives nothing to anybody."""
    right = [0]

    def send(message):
        if right[0] < CHUNKS:
            right[0] += message == bytes(message[:1]) * CHUNK

    return bulk(run, send, lambda: NUMBER.pack(right[0]))


if __name__ == "__main__":
    sys.exit(main())
