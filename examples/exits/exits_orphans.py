"""A parent is ended: who of its child and grandchild lives on? And a command
that takes too long is: when is it over?

Run:  python examples/exits/exits_orphans.py
See:  whoever kills the parent kills the parent only; a daemon of
      `multiprocessing` lives on, too. A group goes as one, without those that
      have left it. A shell that is killed after `TimeoutExpired` leaves its
      command behind, and `communicate()` waits for it. `subprocess.run` does
      not wait, and leaves it running. With `start_new_session` and `killpg`
      nobody is left.

Who is left is killed when it has been counted; what is not found by then ends
by itself.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.system import (NOT_HERE, adopt_orphans, children, die_with_parent,
                           end_all_children, forked, lives, our_pid, until)

MOMENT_S = 0.1  # who has not ended by then lives on
LONG_S = 10  # by then all would end by themselves
LIMIT_S = 0.03  # a command of this limit takes far longer
DYING_S = 0.05  # who was killed is gone by then
SHELL = "sleep 0.2; echo done"


def main():
    experiment = lab.Experiment(
        "exits_orphans", "Somebody is killed: who is left?", baseline="none")
    experiment.observed()
    experiment.case("killed", "a parent, its child, its grandchild")
    for way in KILLED:
        experiment.variant("process", way[0], way[1],
                           lambda run, way=way: killed(run, way[0], way[2]))
    experiment.case("timeout", "200 ms of work, a limit of 30")
    for name, label, work in TIMED:
        experiment.variant("process", name, label,
                           lambda run, work=work: timed(run, work))
    return experiment.run()


def kill_parent(family):
    os.kill(family["parent"], signal.SIGKILL)


def kill_group(family):
    os.killpg(family["parent"], signal.SIGKILL)


def ask_parent(family):
    os.kill(family["parent"], signal.SIGTERM)


KILLED = [
    ("parent", "kill the parent", kill_parent),
    ("daemon", "SIGTERM, the child is a daemon", ask_parent),
    ("group", "kill its group", kill_group),
    ("group_left", "the same, the grandchild has left it", kill_group),
    ("signal", "kill the parent, the child asked for a signal", kill_parent),
    ("pipe", "kill the parent, both watch a pipe", kill_parent),
]


# ANCHOR: family
def member(who, way, says, pipe):
    """Each member starts the next one, says that it is there, and sleeps."""
    if who == "parent":
        os.setsid()  # as start_new_session does
    if who == "child" and way == "signal":
        die_with_parent()
    if who == "grandchild" and way == "group_left":
        os.setsid()
    following = {"parent": "child", "child": "grandchild"}.get(who)
    args = (following, way, says, pipe)
    if following == "child" and way == "daemon":
        context = multiprocessing.get_context("fork")
        context.Process(target=member, args=args, daemon=True).start()
    elif following:
        forked(member, *args)
    if who != "parent":
        os.close(pipe[1])  # who keeps it open never sees its end
    os.write(says, ("%s %d\n" % (who, our_pid())).encode())
    if way == "pipe" and who != "parent":
        os.read(pipe[0], 1)  # the other end is the parent's alone
    else:
        time.sleep(LONG_S)
# ANCHOR_END: family


def killed(run, way, end):
    run.elsewhere()
    if not adopt_orphans():
        return NOT_HERE
    (hears, says), pipe = os.pipe(), os.pipe()
    forked(member, "parent", way, says, pipe)
    for unused in (says,) + pipe:
        os.close(unused)
    with os.fdopen(hears) as said:
        family = dict(said.readline().split() for _ in range(3))
    family = dict((who, int(pid)) for who, pid in family.items())
    end(family)
    until(MOMENT_S, lambda: not any(map(lives, family.values())))
    run.stop_clock()
    names = ["parent", "child", "grandchild"]
    left = [name for name in names if lives(family[name])]
    for name in names:
        run.metric(name, name in left)
    end_all_children()
    return ", ".join(left) or "nobody"


def timed(run, work):
    run.elsewhere()
    if not adopt_orphans():
        return NOT_HERE
    began = time.monotonic()
    work()
    back = time.monotonic() - began
    run.stop_clock()

    def there():
        return sum(not is_zombie for _, is_zombie in children(our_pid()))

    # Who was killed closes the pipe first, and is gone a little later.
    until(DYING_S, lambda: there() == 0)
    left = there()
    end_all_children()
    run.metric("back_ms", back * 1000)
    run.metric("left", left)
    return "%s, %d left" % ("in time" if back < 3 * LIMIT_S else "late", left)


# ANCHOR: limit
def alone():
    as_documented(["sleep", "0.2"], shell=False)


def shell():
    as_documented(SHELL, shell=True)


def as_documented(command, shell):
    process = subprocess.Popen(command, shell=shell, stdout=subprocess.PIPE)
    try:
        process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()  # until nobody has the pipe any more


def runs():
    try:
        subprocess.run(SHELL, shell=True, stdout=subprocess.PIPE,
                       timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        pass


def group():
    process = subprocess.Popen(SHELL, shell=True, stdout=subprocess.PIPE,
                               start_new_session=True)
    try:
        process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
# ANCHOR_END: limit


TIMED = [
    ("alone", "one process: kill, communicate()", alone),
    ("shell", "shell=True: kill, communicate()", shell),
    ("run", "shell=True: subprocess.run(timeout=...)", runs),
    ("group", "start_new_session: killpg, communicate()", group),
]


if __name__ == "__main__":
    sys.exit(main())
