"""A process that the kernel shows in state D, and kill -9.

Run:  python examples/processes/process_state.py
See:  a process that sleeps is gone at once. One that is frozen by its cgroup of
      version 1 is shown in D, and is gone when it is thawed, here after 200 ms.
      It does not matter in which language the process was written.

Needs Linux, Python 3.7, and for the second variant root; else it is left out.
"""

import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

BOUND = 5
HELD = 0.200
FREEZER = "/sys/fs/cgroup/freezer"


def main():
    experiment = lab.Experiment(
        "process_state", "What can be killed in state D?", baseline="sleeps")
    experiment.observed()
    experiment.variant("process", "sleeps", "sleeps, SIGKILL", sleeps)
    if os.access(FREEZER, os.W_OK):
        experiment.variant("process", "frozen_v1",
                           "frozen, SIGKILL (cgroup v1)", frozen)
    return experiment.run()


def start():
    child = subprocess.Popen(
        [sys.executable, "-S", "-c",
         "import time; print(1, flush=True); time.sleep(%d)" % BOUND],
        stdout=subprocess.PIPE)
    child.stdout.readline()
    child.stdout.close()
    return child


def sleeps(run):
    return is_killed(run, start(), "S", lambda: None)


def frozen(run):
    child = start()
    group = os.path.join(FREEZER, "taking-turns-%d" % os.getpid())
    state = os.path.join(group, "freezer.state")
    os.mkdir(group)
    try:
        tell(os.path.join(group, "cgroup.procs"), child.pid)
        tell(state, "FROZEN")
        return is_killed(run, child, "D", lambda: tell(state, "THAWED"))
    finally:
        tell(state, "THAWED")
        time.sleep(0.005)
        os.rmdir(group)


def tell(path, word):
    with open(path, "w") as file:
        file.write(str(word))


def is_killed(run, child, state, release):
    run.elsewhere()
    wait_for(child, state)
    run.start_clock()
    asked = lab.clock()
    child.kill()
    while child.poll() is None:
        if lab.clock() - asked > HELD:
            release()  # more than once does no harm
        time.sleep(0.00005)
    run.stop_clock()
    run.metric("gone_ms", (lab.clock() - asked) * 1e3)
    return "%s; %s" % (state, lab.ending(child.returncode))


def wait_for(child, state):
    for _ in range(2000):
        with open("/proc/%d/stat" % child.pid) as file:
            if file.read().rsplit(") ", 1)[1][0] == state:
                return
        time.sleep(0.001)
    raise lab.Failure("it is not in state %s" % state)


if __name__ == "__main__":
    sys.exit(main())
