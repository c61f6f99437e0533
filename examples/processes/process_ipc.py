"""A message to another process and back, and many bytes one way.

Run:  python examples/processes/process_ipc.py
See:  column `trip`: a pipe costs half as much again as in Rust, a Connection
      pickles every message, and a multiprocessing.Queue has a thread in between
      that feeds the pipe, where a SimpleQueue has none. Column `mib`, the time
      for a MiB: copying takes little longer than in Rust.

`latency` and `bulk` keep both sides on one core; `across` has a core for each.
The other side adds one to a number and sends it back, or compares what comes
with what should. Processes are forked. Needs Linux and Python 3.8.
"""

import os
import queue
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.ipc_slot import Slot
from common.ipc_work import (CHUNK, CHUNKS, CONTEXT, NUMBER, Work,
                      bulk, trips)


def main():
    experiment = lab.Experiment(
        "process_ipc", "What does it cost to talk to another process?",
        baseline="queue")
    cores = sorted(os.sched_getaffinity(0))
    means = [("thread", "queue", "threads: queue.Queue", by_queue),
             ("thread", "simple_queue", "threads: queue.SimpleQueue",
              by_simple_queue),
             ("thread", "pipe_threads", "threads: pipe", by_pipe_threads),
             ("process", "pipe", "pipe", by_pipe),
             ("process", "mp_pipe", "multiprocessing.Pipe", by_mp_pipe),
             ("process", "mp_queue", "multiprocessing.Queue", by_mp_queue),
             ("process", "mp_simple_queue", "multiprocessing.SimpleQueue",
              by_mp_simple_queue),
             ("process", "shared", "SharedMemory, Semaphore", by_shared)]
    for case, label, work, core in [
            ("latency", "a number there and back, on one core", trips, 0),
            ("across", "the same, a core for each", trips, -1),
            ("bulk", "64 MiB one way, on one core", bulk, 0)]:
        experiment.case(case, label)
        for kind, name, label, talk in means:
            if work is bulk and "simple" in name:
                continue  # one between threads holds any number of bytes

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


# ANCHOR: means
def by_queue(work):
    to, back = queue.Queue(1), queue.Queue(1)
    return talk(work.thread(to.get, back.put), work, to.put, back.get)


def by_mp_queue(work):
    to, back = CONTEXT.Queue(1), CONTEXT.Queue(1)
    return talk(work.process(to.get, back.put), work, to.put, back.get)


def by_simple_queue(work):
    to, back = queue.SimpleQueue(), queue.SimpleQueue()
    return talk(work.thread(to.get, back.put), work, to.put, back.get)


def by_mp_simple_queue(work):
    # Without a thread in between: who puts in writes to the pipe.
    to, back = CONTEXT.SimpleQueue(), CONTEXT.SimpleQueue()
    return talk(work.process(to.get, back.put), work, to.put, back.get)


def by_mp_pipe(work):
    ours, theirs = CONTEXT.Pipe()
    other = work.process(theirs.recv, theirs.send)
    return talk(other, work, ours.send, ours.recv)


def talk(other, work, send, receive):
    other.start()
    answer = work.do(send, receive)
    other.join()
    if getattr(other, "exitcode", 0) != 0:  # a thread has none
        raise lab.Failure("the other side ended with status %d"
                          % other.exitcode)
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
