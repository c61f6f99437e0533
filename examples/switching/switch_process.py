"""Two threads against two processes, by the same pipes, on one core.

Run:  python examples/switching/switch_process.py
See:  a turn takes longer than in Rust, since the interpreter works around
      each switch. Processes cost hardly more than threads, if at all: the
      global lock is let go before a thread waits for the pipe.

`touching` is the work alone. Python 3.7 or later.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.pingpong import (
    OnCore, ProcessPartner, ThreadPartner, WorkingSet, cpus, partner,
    rung)


def main():
    experiment = lab.Experiment(
        "switch_process",
        "Does it cost more to switch processes than to switch threads?",
        baseline="threads")
    experiment.child("partner", partner)
    for kib, rounds in [(0, 3000), (16, 3000), (64, 2000), (256, 1000)]:
        label = "each side touches %d KiB in its turn" % kib
        experiment.case(str(kib), label)
        variants(experiment.variant, kib, rounds)
    return experiment.run()


def variants(add, kib, rounds):
    if kib:
        add("alone", "touching", "the touching alone",
            lambda run: touching(run, kib, rounds))
    if cpus():
        add("thread", "threads", "two threads",
            lambda run: turns(run, kib, rounds, ThreadPartner))
        add("process", "processes", "two processes",
            lambda run: turns(run, kib, rounds, ProcessPartner))


# ANCHOR: turns
def turns(run, kib, rounds, against):
    cpu, reports = cpus()[0], []
    with OnCore(cpu):
        other, mine = against(cpu, kib), WorkingSet(kib)

        def report():
            touched, switches = other.end()
            reports.append(touched)
            return switches

        missing = rung(run, 2 * rounds,
                       lambda: other.play(rounds, mine.touch), report)
    # ANCHOR_END: turns
    if against is ProcessPartner:
        run.elsewhere()  # half of the work
    touched = mine.touched() + reports[0]
    return missing + 2 * rounds * mine.lines - touched


def touching(run, kib, rounds):
    with OnCore((cpus() or [0])[0]):
        sets = [WorkingSet(kib), WorkingSet(kib)]

        def play():
            for _ in range(rounds):
                for each in sets:
                    each.touch()
            return 2 * rounds

        missing = rung(run, 2 * rounds, play)
    touched = sum(each.touched() for each in sets)
    return missing + 2 * rounds * sets[0].lines - touched


if __name__ == "__main__":
    sys.exit(main())
