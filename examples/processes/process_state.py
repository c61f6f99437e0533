"""A process that sleeps, and kill -9.

Run:  python examples/processes/process_state.py
See:  a process that sleeps, in state S, is gone at once. It does not matter in
      which language it was written; those in state D are in the Rust example.

Needs Linux and Python 3.7.
"""

import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

BOUND = 5


def main():
    experiment = lab.Experiment(
        "process_state", "What can be killed in state D?", baseline="sleeps")
    experiment.observed()
    experiment.variant("process", "sleeps", "sleeps, SIGKILL", sleeps)
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
    run.elsewhere()
    child = start()
    wait_for(child, "S")
    run.start_clock()
    asked = lab.clock()
    child.kill()
    child.wait()
    run.stop_clock()
    run.metric("gone_ms", (lab.clock() - asked) * 1e3)
    return "S; %s" % lab.ending(child.returncode)


def wait_for(child, state):
    for _ in range(2000):
        with open("/proc/%d/stat" % child.pid) as file:
            if file.read().rsplit(") ", 1)[1][0] == state:
                return
        time.sleep(0.001)
    raise lab.Failure("it is not in state %s" % state)


if __name__ == "__main__":
    sys.exit(main())
