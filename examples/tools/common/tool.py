"""The tools for Python: where they are, and how they are asked."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ENVIRONMENT = os.path.join(HERE, "..", "..", "..", "target", "python", "bin")
LIMIT_S = 8


class Absent(Exception):
    """There is no such tool here, or it may not look."""


def py_spy_path():
    """On the path, or where `cargo book python` puts it."""
    found = shutil.which("py-spy") or shutil.which("py-spy", path=ENVIRONMENT)
    if not found:
        raise Absent("py-spy is not installed")
    return found


def said(command):
    """All that a command says."""
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            universal_newlines=True, timeout=LIMIT_S)
    except OSError:
        raise Absent("%s is not installed" % command[0])
    except subprocess.TimeoutExpired:
        raise Absent("%s takes too long" % command[0])
    if done.returncode:
        why = re.search("Error: .*", done.stdout)
        why = why.group() if why else "it ends with %d" % done.returncode
        raise Absent("%s: %s" % (os.path.basename(command[0]), plain(why)))
    return done.stdout


def plain(line):
    """A line without what differs from run to run, and without folders."""
    line = re.sub(r"[^\s\"'(]*[/\\\\]", "", line)
    line = re.sub(r"0x[0-9a-f]+ ?", "", line)
    line = re.sub(r" wait_for=.* took", " ... took", line)
    line = re.sub(r"took \d+\.\d+", "took", line)
    line = re.sub(r"(Task|[Tt]hread)[- ]\d+", r"\1", line)
    return " ".join(line.split())


def stacks(text, begins):
    """Each thread's or task's stack in one line: its first line, and then the
    functions, the innermost first."""
    found = []
    for line in text.splitlines():
        if line.strip().startswith(begins):
            found.append(plain(line))
        elif line.strip() and found:
            found[-1] += " < " + plain(line)
    return found


def py_spy(child):
    return stacks(said([py_spy_path(), "dump", "--pid", str(child.pid)]),
                  "Thread ")


def faulthandler(child):
    """The child has registered it for a signal."""
    if not hasattr(signal, "SIGUSR1"):
        raise Absent("there are no signals for it")
    os.kill(child.pid, signal.SIGUSR1)
    time.sleep(0.1)
    text = child.so_far()
    return stacks(text, ("Thread ", "Current thread "))


def debug(child):
    """PYTHONASYNCIODEBUG is set for the child."""
    time.sleep(0.3)
    return [plain(line) for line in child.so_far().splitlines()]


def tasks(child):
    """The child prints `asyncio.all_tasks()` from another thread."""
    return stacks(child.ask("tasks").replace("|", "\n"), "Task ")


def pstree(child):
    """A program of the standard library, from 3.14 on."""
    text = said([sys.executable, "-m", "asyncio", "pstree", str(child.pid)])
    return [plain(re.sub("[^ -~]", " ", line)) for line in text.splitlines()]


TOOLS = [
    ("py_spy", "py-spy dump --pid PID", py_spy),
    ("faulthandler", "faulthandler.register(SIGUSR1)", faulthandler),
    ("debug", "PYTHONASYNCIODEBUG=1", debug),
    ("tasks", "asyncio.all_tasks()", tasks),
    ("pstree", "python -m asyncio pstree PID", pstree),
]
