"""A hundred thousand numbers from one thread to another: what does a message
cost?

Run:  python examples/sharing/sharing_channels.py
See:  every queue delivers all of them in order. `queue.Queue` is a deque, a
      lock and three condition variables, all in Python, and costs the most;
      `SimpleQueue` is written in C. Batches make the price small.
"""

import collections
import os
import sys
import threading
import time

try:
    import queue
except ImportError:  # Python 2
    import Queue as queue

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

if sys.version_info[0] == 2:
    range = xrange  # Python 2 would make a list of it

MESSAGES = 100000
BATCH = 250


def main():
    experiment = lab.Experiment(
        "sharing_channels",
        "What does a message from one thread to another cost?",
        baseline="queue")
    ways = [("queue", "queue.Queue", lambda run: through(run, queue.Queue())),
            ("deque", "collections.deque, asked again", through_deque),
            ("batches", "queue.Queue, in batches", batches)]
    if hasattr(queue, "SimpleQueue"):
        ways.insert(1, ("simple_queue", "queue.SimpleQueue",
                        lambda run: through(run, queue.SimpleQueue())))
    for name, label, channel in ways:
        experiment.variant("thread", name, label,
                           lambda run, c=channel: timed(run, c))
    return experiment.run()


def timed(run, channel):
    answer = channel(run)
    run.stop_clock()
    run.metric("each_ns", run.elapsed() * 1e9 / MESSAGES)
    return answer


def through(run, channel):
    def send():
        for n in range(MESSAGES):
            channel.put(n)

    def received():
        for _ in range(MESSAGES):
            yield channel.get()

    return both(run, send, received())


def both(run, send, received):
    """One thread sends, this one receives, and both begin together."""
    gate = run.gate(2)

    def work():
        gate.wait()
        send()

    sender = threading.Thread(target=work)
    sender.start()
    gate.wait()
    answer = 0
    for n in received:
        answer = (answer * 31 + n) % 0x7fffffff
    sender.join()
    return answer


def through_deque(run):
    """A deque can be used from both ends at once, but nobody can wait at it."""
    channel = collections.deque()

    def send():
        for n in range(MESSAGES):
            channel.append(n)

    def received():
        for _ in range(MESSAGES):
            while True:
                try:
                    yield channel.popleft()
                    break
                except IndexError:
                    time.sleep(0)  # somebody else's turn

    return both(run, send, received())


def batches(run):
    channel = queue.Queue()

    def send():
        for n in range(0, MESSAGES, BATCH):
            channel.put(list(range(n, n + BATCH)))

    def received():
        for _ in range(0, MESSAGES, BATCH):
            for n in channel.get():
                yield n

    return both(run, send, received())


if __name__ == "__main__":
    sys.exit(main())
