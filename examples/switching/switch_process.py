"""Two threads against two processes, by the same pipes, on one core.

Run:  python examples/switching/switch_process.py
See:  a turn takes several times as long as in Rust, since the interpreter
      works around each switch. Processes are a little dearer than threads, as
      there: the global lock is let go before a thread waits for the pipe.

`touching` is the work alone. Python 3.7 or later.
"""

import sys

from pingpong import (OnCore, ProcessPartner, ThreadPartner, WorkingSet, cpus,
                      lab, partner, rung)


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


def turns(run, kib, rounds, against):
    cpu = cpus()[0]
    with OnCore(cpu):
        other, mine, touched = against(cpu, kib), WorkingSet(kib), []

        def play():
            ball = other.play(rounds, mine.touch)
            theirs, switches = other.end()
            touched.append(theirs + mine.touched())
            return ball, switches

        missing = rung(run, 2 * rounds, play)
    if against is ProcessPartner:
        run.elsewhere()  # half of the work
    return missing + 2 * rounds * mine.lines - touched[0]


def touching(run, kib, rounds):
    with OnCore((cpus() or [0])[0]):
        sets = [WorkingSet(kib), WorkingSet(kib)]

        def play():
            for _ in range(rounds):
                for each in sets:
                    each.touch()
            return 2 * rounds, 0

        missing = rung(run, 2 * rounds, play)
    touched = sum(each.touched() for each in sets)
    return missing + 2 * rounds * sets[0].lines - touched


if __name__ == "__main__":
    sys.exit(main())
