"""A program as process 1, as the first one of a container is. What becomes of
orphans, and of a polite signal?

Run:  python examples/exits/exits_first.py
See:  process 1 is given every orphan; if it does not wait for them they stay as
      zombies. It survives SIGTERM, for which Python has no handler, but not
      SIGINT, for which it has one. If it waits for every child, or ignores
      SIGCHLD, there are no zombies, and `Popen.wait` says 0 of a child of its
      own that failed. Where only 50 processes are allowed, zombies are 47 of
      them, and no more can start.

The process numbers are those of a namespace of its own, which takes Linux, and
a user who may make one. That zombies fill a container takes root.
"""

import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.system import (IS_HERE, NOT_HERE, Limited, adopt_orphans, be_first,
                           children, every_child, forked, heed_interrupt,
                           our_pid, parent, until, wait_for_all)

ORPHANS = 10
MOST = 50  # the processes that a small container may have
PATIENCE_S = 5  # long after the last orphan has ended
MOMENT_S = 0.2  # who has not ended by then lives on

# Name, label, how it is placed, and what the program does about children.
ZOMBIES = [
    ("first", "process 1, waits for its own", "first", "waits"),
    ("plain", "the same, not process 1", "plain", "waits"),
    ("adopts", "the same, as a subreaper", "plain", "adopts"),
    ("first_all", "process 1, waits for all", "first", "all"),
    ("first_ignored", "process 1, SIGCHLD ignored", "first", "ignores"),
    ("first_full", "process 1 of 50 at most", "full", "fills"),
]
# Name, label, how it is placed, whether it handles, and which signal.
SIGNALS = [
    ("first_term", "process 1, SIGTERM", "first", False, signal.SIGTERM),
    ("first_int", "process 1, SIGINT", "first", False, signal.SIGINT),
    ("first_handles", "process 1, handles SIGTERM", "first", True,
     signal.SIGTERM),
    ("plain_term", "not process 1, SIGTERM", "plain", False, signal.SIGTERM),
]


def main():
    experiment = lab.Experiment(
        "exits_first",
        "As process 1: what becomes of orphans, and of a signal?",
        baseline="none")
    experiment.observed()
    experiment.case("zombies", "ten orphans")
    for name, label, place, does in ZOMBIES:
        experiment.variant(
            "process", name, label,
            lambda run, place=place, does=does: left(run, place, does))
    experiment.case("signals", "somebody outside asks it to end")
    for name, label, place, handles, number in SIGNALS:
        experiment.variant(
            "process", name, label,
            lambda run, place=place, handles=handles, number=number:
                asked_to_end(run, place, handles, number))
    return experiment.run()


def place(where, work, *args):
    """Does the work in a child, as process 1 or plainly, and waits for it."""
    limited = Limited(MOST) if where == "full" else None
    if limited is not None and not limited.is_here:
        return
    if adopt_orphans() if where == "plain" else be_first():
        forked(work, *args)
    wait_for_all()
    if limited is not None:
        limited.leave()


# ANCHOR: program
def program(does, says):
    """A program that starts others, one of which it cares about."""
    if does == "fills":
        return fill(says)
    if does == "adopts":
        adopt_orphans()
    elif does == "ignores":
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    own = shell("exit 7")
    for _ in range(ORPHANS):
        # The shell is waited for. What it has started is not.
        shell("sleep 0.01 &").wait()
    until(PATIENCE_S, nobody_runs_below)
    if does == "all":
        every_child()  # waitpid(-1): the orphans, and `own`
    status = own.wait()
    says("its own child: returncode %d\n%d" % (status, zombies()))
# ANCHOR_END: program


def fill(says):
    """Leaves orphans until nothing can be started any more."""
    orphans = 0
    while orphans < 2 * MOST and leaves_an_orphan():
        orphans += 1
    last, refused = [], "none"
    try:
        for _ in range(3):
            last.append(shell("sleep 0.01"))
    except OSError as error:
        refused = "%s: %s" % (type(error).__name__, error)
    for child in last:
        child.wait()
    until(PATIENCE_S, nobody_runs_below)
    says("the next start: %s\n%d" % (refused, zombies()))


def leaves_an_orphan():
    try:
        return shell("sleep 0.01 &").wait() == 0
    except OSError:
        return False


def shell(script):
    # One that cannot fork says so.
    return subprocess.Popen(["sh", "-c", script], stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


def below():
    """Orphans come to us or to our parent."""
    us = our_pid()
    return [(pid, is_zombie) for pid, is_zombie
            in children(us) + children(parent()) if pid != us]


def nobody_runs_below():
    return all(is_zombie for _, is_zombie in below())


def zombies():
    def count():
        return sum(is_zombie for _, is_zombie in below())

    until(0.04, lambda: count() == 0)
    return count()


def left(run, where, does):
    run.elsewhere()
    if not IS_HERE:
        return NOT_HERE
    out, into = os.pipe()
    placed = forked(place, where, program, does,
                    lambda line: os.write(into, line.encode()))
    os.close(into)
    with os.fdopen(out) as said:
        said = said.read()
    os.waitpid(placed, 0)
    run.stop_clock()
    if not said:
        return NOT_HERE
    became, zombies = said.splitlines()
    run.metric("zombies", int(zombies))
    return became


def answers(handles, asked, says):
    """Says that it is there, and then answers whoever writes to it."""
    heed_interrupt()
    if handles:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    os.write(says, b"%9d" % our_pid())
    while os.read(asked, 1):
        os.write(says, b"!")


def asked_to_end(run, where, handles, number):
    run.elsewhere()
    if not IS_HERE:
        return NOT_HERE
    (asked, asks), (hears, says) = os.pipe(), os.pipe()

    def begin():
        os.close(asks)
        os.close(hears)
        place(where, quietly, handles, asked, says)

    placed = forked(begin)
    os.close(asked)
    os.close(says)
    pid = os.read(hears, 9)
    lives = bool(pid)
    if pid:
        os.kill(int(pid), number)
    began = time.monotonic()
    while lives and time.monotonic() - began < MOMENT_S:
        try:
            os.write(asks, b"?")
            lives = bool(os.read(hears, 1))
        except BrokenPipeError:
            lives = False
        time.sleep(0.001)
    run.stop_clock()
    os.close(asks)  # whoever lives on ends with its input
    os.close(hears)
    os.waitpid(placed, 0)
    if not pid:
        return NOT_HERE
    run.metric("lives", lives)
    return "lives on" if lives else "ends"


def quietly(*args):
    try:
        answers(*args)
    except KeyboardInterrupt:
        os._exit(130)


if __name__ == "__main__":
    sys.exit(main())
