"""What each tool must tell of each ill to count as seeing it, and what came of
it."""

import os
import re
import subprocess
import tempfile
import time

import lab
from common import ills
from common.tool import TOOLS, Absent

SETTLE_S = 0.1  # until it is ill


def line_of(words):
    """Where a line of the ills stands, as tools tell it."""
    with open(ills.__file__, encoding="utf-8") as text:
        for number, line in enumerate(text, 1):
            if words in line:
                return "ills.py:%d" % number


BLOCKS = "reads_a_file + " + line_of("a driver that blocks")

# ANCHOR: cells
# By ill and tool: the line that shows the ill, and a line that points
# elsewhere. A line must have all the parts, with `+` in between, and after
# `2 x` there must be two such lines.
CELLS = {
    ("blocked", "py_spy"): ("MainThread + reads_a_file", ""),
    ("blocked", "faulthandler"): ("reads_a_file", ""),
    ("blocked", "tasks"): (BLOCKS, ""),
    ("blocked", "pstree"): (BLOCKS, ""),
    ("blocked", "debug"): ("Executing + reads_a_file + took", ""),
    ("deadlock", "py_spy"): ("2 x takes_both", ""),
    ("deadlock", "faulthandler"): ("2 x takes_both", ""),
    ("convoy", "py_spy"): ("active+gil + computes", ""),
    ("pool", "py_spy"): ("2 x ThreadPoolExecutor + asks_the_database", ""),
    ("pool", "faulthandler"): ("2 x asks_the_database", ""),
    ("pool", "tasks"): ("2 x serves", ""),
    ("pool", "pstree"): ("2 x serves", ""),
    ("lost", "tasks"): ("waits_for_an_answer", ""),
    ("lost", "pstree"): ("waits_for_an_answer", ""),
    ("live", "py_spy"): ("active+gil + is_there", ""),
    ("live", "faulthandler"): ("is_there", ""),
    ("live", "tasks"): ("", "waits_for_a_flag"),
    ("live", "pstree"): ("", "waits_for_a_flag"),
}
# ANCHOR_END: cells


class Child(object):
    """A program that is ill. What it says on its standard error is kept."""

    def __init__(self, ill, tool):
        given = {"PYTHONASYNCIODEBUG": "1"} if tool == "debug" else {}
        self._kept = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            lab.rerun_self("ill", [ill]), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self._kept,
            universal_newlines=True, env=dict(os.environ, **given))
        self.pid = self._process.pid
        if self._process.stdout.readline().strip() != "ready":
            raise lab.Failure("the child is not ready")

    def ask(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()

    def so_far(self):
        self._kept.seek(0)
        return self._kept.read()

    def end(self):
        self._process.kill()
        self._process.wait()
        for pipe in self._process.stdin, self._process.stdout, self._kept:
            pipe.close()


def looked_at(run, ill, tool):
    """Has a program fall ill, asks the tool, and says what came of it."""
    run.elsewhere()
    ask = dict((name, ask) for name, _, ask in TOOLS)[tool]
    child = Child(ill, tool)
    try:
        time.sleep(SETTLE_S)
        run.start_clock()
        lines = ask(child)
        run.stop_clock()
    except Absent as why:
        return "absent: %s" % why
    finally:
        child.end()
    if ill == "well":
        return false_alarm(run, tool, lines)
    sees, misleads = [find(lines, words)
                      for words in CELLS.get((ill, tool), ("", ""))]
    run.metric("sees", int(sees is not None))
    run.metric("misleads", int(misleads is not None))
    if sees is not None:
        return "sees: " + sees
    return "misses" if misleads is None else "misleads: " + misleads


def false_alarm(run, tool, lines):
    """Whether a tool sees an ill in a program that is well."""
    alarms = [ill for (ill, its), (sees, _) in sorted(CELLS.items())
              if its == tool and find(lines, sees) is not None]
    run.metric("alarms", len(alarms))
    return "as if " + alarms[0] if alarms else "no alarm"


def find(lines, words):
    """The line with all the parts; None where there is none, or fewer than
    are asked for."""
    needed = 2 if words.startswith("2 x ") else 1
    parts = [part for part in re.sub("^2 x ", "", words).split(" + ") if part]
    found = [line for line in lines if all(part in line for part in parts)]
    if not parts or len(found) < needed:
        return None
    return shown(found[needed - 1], parts[-1])


def shown(line, part):
    """Of a stack the thread, and the frame that is meant."""
    first, *frames = line.split(" < ")
    of_it = [frame for frame in frames if part in frame]
    return " < ".join([first] + of_it[:1])
