"""Two threads add to one counter: is every addition there in the end?

Run:  python examples/sharing/sharing_lost.py
See:  it depends on the interpreter. CPython up to 3.9, Jython and free-threaded
      builds lose additions with `counter += 1`; CPython from 3.10 on does not,
      until a call stands in the line. With a lock none is ever lost.
      `cargo book measure sharing_lost --python all` asks every interpreter.
"""

import os
import sys
import threading

try:
    from queue import Queue
except ImportError:  # Python 2
    from Queue import Queue
try:
    from queue import SimpleQueue
except ImportError:  # before 3.7
    SimpleQueue = None

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

if sys.version_info[0] == 2:
    range = xrange  # Python 2 would make a list of it

THREADS = 2
# By each thread. Under a global lock the threads must run long enough to take
# turns at all.
UPDATES = 1000000
# What costs more, done less often.
FEWER = 200000
MESSAGES = 50000

counter = 0
lock = threading.Lock()


def main():
    experiment = lab.Experiment(
        "sharing_lost",
        "Two threads add to one counter: is every addition there in the end?",
        baseline="mutex")
    experiment.observed()
    ways = [("plain", "counter += 1", plain, UPDATES),
            ("call", "counter += int(1)", call, UPDATES),
            ("mutex", "with lock: counter += 1", mutex, FEWER),
            ("channel", "a message for each", channel, MESSAGES),
            ("own_sums", "a sum each, then one message", own_sums, UPDATES),
            ("own_locked", "a sum each, then one lock", own_locked, UPDATES)]
    if SimpleQueue is not None:
        ways.append(("simple_channel", "a message for each, SimpleQueue",
                     simple_channel, MESSAGES))
    if hasattr(sys, "setswitchinterval"):
        ways.insert(1, ("plain_often", "counter += 1, a turn is 1 us",
                        plain_often, UPDATES))
    for name, label, count, updates in ways:
        experiment.variant(
            "thread", name, label,
            lambda run, c=count, n=updates: report(run, c, n))
    return experiment.run()


def report(run, count, updates):
    global counter
    counter = 0
    total = THREADS * updates
    counted = count(run, updates)
    run.stop_clock()
    run.metric("each_ns", run.elapsed() * 1e9 / total)
    run.metric("lost_share", 1 - counted / float(total))
    return "nothing lost" if counted == total else "additions lost"


def two_threads(run, body, updates):
    run.together(THREADS, lambda _: body(updates))


# ANCHOR: wrong
def add(updates):
    global counter
    for _ in range(updates):
        counter += 1


def add_call(updates):
    global counter
    for _ in range(updates):
        counter += int(1)


def plain(run, updates):
    two_threads(run, add, updates)
    return counter
# ANCHOR_END: wrong


def plain_often(run, updates):
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        return plain(run, updates)
    finally:
        sys.setswitchinterval(before)


def call(run, updates):
    two_threads(run, add_call, updates)
    return counter


# ANCHOR: right
def add_locked(updates):
    global counter
    for _ in range(updates):
        with lock:
            counter += 1


def mutex(run, updates):
    two_threads(run, add_locked, updates)
    return counter


def channel(run, updates):
    return through(run, Queue(), updates)


def through(run, queue, updates):
    sums = []

    def send(updates):
        for _ in range(updates):
            queue.put(1)

    def receive():
        # Python's queue cannot be closed, so the end is a message too.
        sums.append(sum(iter(queue.get, None)))

    receiver = threading.Thread(target=receive)
    receiver.start()
    two_threads(run, send, updates)
    queue.put(None)
    receiver.join()
    return sums[0]
# ANCHOR_END: right


def simple_channel(run, updates):
    return through(run, SimpleQueue(), updates)


def own_sums(run, updates):
    queue = Queue()

    def add_up(updates):
        total = 0
        for _ in range(updates):
            total += 1
        queue.put(total)

    two_threads(run, add_up, updates)
    return sum(queue.get() for _ in range(THREADS))


def own_locked(run, updates):
    def add_up(updates):
        global counter
        total = 0
        for _ in range(updates):
            total += 1
        with lock:
            counter += total

    two_threads(run, add_up, updates)
    return counter


if __name__ == "__main__":
    sys.exit(main())
