"""What the chapter's Python peers share: rungs, cores, and a partner to play
ping-pong with through two pipes. Python 3.7 or later.
"""

import os
import subprocess
import threading

import lab
from lab_os import counters


def rung(run, switches, play, elsewhere=lambda: 0):
    """Times play(), which makes `switches` of them, and returns how many it has
    counted; elsewhere() is asked afterwards how often the kernel switched
    another process meanwhile. Returns how many are missing."""
    before = switched()
    run.start_clock()
    began = lab.clock()
    made = play()
    took = lab.clock() - began
    run.stop_clock()
    here = [now - then for now, then in zip(switched(), before)]
    there = elsewhere()
    run.metric("each_ns", took * 1e9 / switches)
    if here:
        run.metric("kernel_each", (sum(here) + there) / switches)
    return switches - made


def switched():
    """Context switches of both kinds; empty where nobody counts them."""
    counted = counters()
    return [counted[kind] for kind in ("voluntary", "involuntary")
            if kind in counted]


def cpus():
    """The hardware threads that threads can be kept on: none where nobody can
    say."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return []


class OnCore(object):
    """Keeps this thread, and those it starts, on one hardware thread."""

    def __init__(self, cpu):
        self.cpu = cpu

    def __enter__(self):
        self.before = cpus()
        if self.before:
            os.sched_setaffinity(0, [self.cpu])

    def __exit__(self, *_):
        if self.before:
            os.sched_setaffinity(0, self.before)


class WorkingSet(object):
    """So many cache lines, touched all together."""

    def __init__(self, kib):
        self.lines = kib * 16
        self.memory = bytearray(64 * self.lines)
        self.turns = 0

    def touch(self):
        if self.lines:
            self.turns += 1
            mark = bytes([self.turns % 256])
            self.memory[::64] = mark * self.lines

    def touched(self):
        """How many lines were touched; each says when it was last."""
        last = bytes([self.turns % 256])
        if self.memory[::64] != last * self.lines:
            return -1
        return self.turns * self.lines


def throw_first(to, back, rounds, work):
    """Plays all rounds, there and back; returns the ball."""
    ball = 0
    for _ in range(rounds):
        work()
        os.write(to, (ball + 1).to_bytes(8, "little"))
        # Nothing there yet: here we sleep, and the other one runs.
        ball = int.from_bytes(os.read(back, 8), "little")
    return ball


def return_all(back, to, work):
    """Returns the ball until nobody throws it any more."""
    while True:
        ball = os.read(back, 8)
        if not ball:
            return
        work()
        os.write(to, (int.from_bytes(ball, "little") + 1)
                 .to_bytes(8, "little"))


class Partner(object):
    """The one we play against. It says when it is ready, plays, and in the end
    says what it has touched and how often it was switched."""

    def play(self, rounds, work=lambda: None):
        return throw_first(self.to, self.back, rounds, work)

    def end(self):
        os.close(self.to)
        said = b""
        while True:
            more = os.read(self.back, 100)
            if not more:
                break
            said += more
        self.join()
        os.close(self.back)
        return [int(word) for word in said.split()]


class ThreadPartner(Partner):
    def __init__(self, cpu, kib):
        to_us, self.to = os.pipe()
        self.back, to = os.pipe()
        arguments = (cpu, kib, to_us, to, lambda: [0])
        self.thread = threading.Thread(target=stand, args=arguments)
        self.thread.start()
        os.read(self.back, 8)

    def join(self):
        self.thread.join()


class ProcessPartner(Partner):
    def __init__(self, cpu, kib):
        self.process = subprocess.Popen(
            lab.rerun_self("partner", [cpu, kib]), bufsize=0,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.to = os.dup(self.process.stdin.fileno())
        self.back = os.dup(self.process.stdout.fileno())
        self.process.stdin.close()
        self.process.stdout.close()
        os.read(self.back, 8)

    def join(self):
        status = self.process.wait()
        if status != 0:
            raise RuntimeError("the partner ended with %d" % status)


def partner(arguments):
    """What `lab.rerun_self("partner", ...)` does."""
    cpu, kib = map(int, arguments)
    stand(cpu, kib, 0, 1, switched)


def stand(cpu, kib, back, to, count):
    if cpus():
        os.sched_setaffinity(0, [cpu])
    mine = WorkingSet(kib)
    before = count()
    os.write(to, b"ready...")
    return_all(back, to, mine.touch)
    used = sum(count()) - sum(before)
    os.write(to, b"%d %d" % (mine.touched(), used))
    os.close(to)
    os.close(back)
