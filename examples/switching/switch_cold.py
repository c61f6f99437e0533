"""What a switch leaves behind: how long one's own memory takes afterwards.

Run:  python examples/switching/switch_cold.py
See:  after a neighbor that went through 8 MiB, a list of objects may take
      longer, but not by as much as in Rust: following a reference takes Python
      so long that part of the waiting for memory is hidden in it.

Only the list is timed. Python 3.7 or later.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.pingpong import OnCore, ProcessPartner, cpus, partner

MUCH_KIB = 8 << 10


def main():
    experiment = lab.Experiment(
        "switch_cold",
        "How much slower is one's own memory after somebody else ran?",
        baseline="undisturbed")
    experiment.child("partner", partner)
    for kib, turns in [(64, 50), (256, 50), (1024, 20), (4096, 10)]:
        experiment.case(str(kib), "KiB, gone through again")
        variants(experiment.variant, kib, turns)
    return experiment.run()


def variants(add, kib, turns):
    add("alone", "undisturbed", "nobody ran in between",
        lambda run: follow(run, kib, turns, lambda: None))
    if cpus():
        add("process", "idle_neighbor", "one that touched nothing",
            lambda run: beside(run, kib, turns, 0))
        add("process", "busy_neighbor", "one that touched 8 MiB",
            lambda run: beside(run, kib, turns, MUCH_KIB))


# ANCHOR: follow
class Line(object):
    """Some 64 bytes in CPython, of which one reference is used."""
    __slots__ = ("following", "_second", "_third")


def follow_all(first):
    lines, at = 1, first.following
    while at is not first:
        at = at.following
        lines += 1
    return lines
# ANCHOR_END: follow


def strewn(count):
    """A list through `count` objects, in an order that is always the same."""
    lines, order, random = [Line() for _ in range(count)], list(range(count)), 1
    for i in range(count - 1, 0, -1):
        random = random * 48271 % 0x7fffffff
        j = random % i
        order[i], order[j] = order[j], order[i]
    for line, following in zip(lines, order):
        line.following = lines[following]
    return lines


def follow(run, kib, turns, in_between):
    lines = strewn(16 * kib)
    count, took = follow_all(lines[0]), 0
    run.start_clock()
    for _ in range(turns):
        in_between()
        began = lab.clock()
        count = follow_all(lines[0])
        took += lab.clock() - began
    run.stop_clock()
    run.metric("list_us", took * 1e6 / turns)
    return count


def beside(run, kib, turns, touches):
    cpu = cpus()[0]
    with OnCore(cpu):
        neighbor = ProcessPartner(cpu, touches)
        count = follow(run, kib, turns, lambda: neighbor.play(1))
        neighbor.end()
    return count


if __name__ == "__main__":
    sys.exit(main())
