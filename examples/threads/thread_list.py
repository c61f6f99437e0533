"""One process, four threads: who shows how many?

Run:  python examples/threads/thread_list.py
See:  as for Rust: to the kernel a Python thread is a thread. The names that
      threading.Thread was given reach the kernel from Python 3.14 on; before,
      all four are called like the interpreter.

Off Linux there is only what the program says of itself. Without `top` or
`htop` on the path their rows are missing.
"""

import os
import re
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.proc import field, numbers, tids
from common.screen import screen, version

CHEFS = 3


def main():
    experiment = lab.Experiment(
        "thread_list", "One process with four threads: who shows how many?",
        baseline="none")
    experiment.observed()

    def variant(kind, name, label, look):
        experiment.variant(kind, name, label,
                           lambda run: observe(run, look))

    variant("thread", "program", "what was started", program)
    if sys.platform.startswith("linux"):
        variant("process", "proc", "listing /proc", listed)
        variant("thread", "task", "/proc/PID/task", tasks)
        variant("thread", "by_number", "/proc/TID, asked for", opened)
        if version("top"):
            variant("process", "top", "top", lambda pid: top(pid, "-b"))
            variant("thread", "top_threads", "top -H",
                    lambda pid: top(pid, "-bH"))
        if version("htop"):
            variant("thread", "htop", "htop", lambda pid: htop(pid, ""))
            variant("process", "htop_hidden", "htop, threads hidden",
                    lambda pid: htop(pid, "hide_userland_threads=1\n"))
    experiment.child("kitchen", lambda args: kitchen())
    return experiment.run()


def kitchen():
    never = threading.Lock()
    never.acquire()
    for i in range(CHEFS):
        chef = threading.Thread(target=never.acquire, name="chef %d" % (i + 1))
        chef.daemon = True
        chef.start()
    print("ready")
    sys.stdout.flush()
    sys.stdin.read()


def observe(run, look):
    """Opens the kitchen, and has it looked at: how many rows, and in words."""
    run.elsewhere()
    child = subprocess.Popen(lab.rerun_self("kitchen"), stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
    child.stdout.readline()
    rows, answer = look(child.pid)
    child.communicate()
    run.metric("rows", rows)
    return answer


def program(_):
    return 1 + CHEFS, "main and %d chefs" % CHEFS


def listed(pid):
    ours = [n for n in numbers("/proc") if field(n, "Tgid:") == str(pid)]
    leader = "PID" if ours == [pid] else "something else"
    return len(ours), leader + " only"


def tasks(pid):
    names = [field(tid, "Name:") + (" = PID" if tid == pid else "")
             for tid in tids(pid)]
    return len(names), ", ".join(names)


def opened(pid):
    everything = numbers("/proc")
    hidden = [tid for tid in tids(pid) if tid not in everything]
    openable = [tid for tid in hidden if field(tid, "Tgid:") == str(pid)]
    return len(openable), "%d of %d that are not listed" % (
        len(openable), len(hidden))


def top(pid, how):
    return shown(pid, ["top", how, "-n1", "-w512"], {})


def htop(pid, settings):
    """htop draws its first screen before it looks for a key, and the key is q.
    Its settings are ours, so that nobody's own are read or overwritten."""
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "htoprc")
    if settings:
        with open(path, "w") as file:
            file.write(settings)
    answer = shown(pid, ["htop", "--readonly", "--pid", str(pid)],
                   {"HTOPRC": path, "TERM": "vt100",
                    "LINES": "100", "COLUMNS": "150"})
    if os.path.exists(path):
        os.remove(path)
    os.rmdir(folder)
    return answer


def shown(pid, command, environment):
    """How many of the kitchen's threads have a row of their own: a number, and
    then the name of a user."""
    text = screen(command, environment)
    rows = [tid for tid in tids(pid)
            if re.search(r"(^|\s)%d\s+[A-Za-z]" % tid, text)]
    if not rows:
        raise lab.Failure("%s does not show the process, which is there"
                          % command[0])
    return len(rows), "%d of %d, %s" % (
        len(rows), 1 + CHEFS, version(command[0]))


if __name__ == "__main__":
    sys.exit(main())
