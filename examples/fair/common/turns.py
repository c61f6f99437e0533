"""Threads take turns at a lock for a while, and each notes how long it waited.
See src/turns.rs."""

import os
import threading

import lab
from lab_os import stay_on


class Board(object):
    """Whose turn it was last, kept under the lock."""

    def __init__(self):
        self.last = self.end = None
        self.row = self.turns = self.again = self.longest_row = 0

    def note(self, me):
        self.turns += 1
        self.row += 1
        if self.last == me:
            self.again += 1
        else:
            self.row = 1
        self.longest_row = max(self.longest_row, self.row)
        self.last = me


# ANCHOR: one
def one(me, lock, board, inside, outside, length, between):
    turns, worst, clock = 0, 0, lab.clock
    if board.end is None:  # nobody has begun yet
        board.end = clock() + length
    while True:
        asked = clock()
        if asked >= board.end:
            return turns, worst
        with lock:
            waited = clock() - asked
            board.note(me)
            spin(inside)
        turns, worst = turns + 1, max(worst, waited)
        between()
        spin(outside)
# ANCHOR_END: one


def spin(length):
    clock = lab.clock
    end = clock() + length
    while clock() < end:
        pass


def nothing():
    pass


def threads(run, count, inside, outside, length, between=nothing, apart=False):
    lock, board = threading.Lock(), Board()

    def flow(me):
        if apart and hasattr(os, "sched_getaffinity"):
            cpus = sorted(os.sched_getaffinity(0))
            stay_on([cpus[me % len(cpus)]])
        return one(me, lock, board, inside, outside, length, between)

    tallies = run.together(count, flow)
    total = sum(turns for turns, _ in tallies)
    if total != board.turns:
        raise lab.Failure("a turn was lost")
    least = min(turns for turns, _ in tallies)
    run.metric("each_us", run.elapsed() * 1e6 / total)
    run.metric("least_share", least * count / float(total))
    run.metric("again_share", board.again / float(total))
    run.metric("row", board.longest_row)
    run.metric("worst_wait_ms", max(worst for _, worst in tallies) * 1e3)
    return "every turn counted"
