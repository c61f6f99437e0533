"""Which tool shows which ill: sees it, or misses it?

Run:  python examples/tools/tools_see.py
See:  py-spy and faulthandler see what a thread is in, and miss a task that
      waits for nobody; asyncio's debug mode names the callback that took too
      long, and nothing else; a listing of tasks shows who waits where, and not
      who holds the loop.

Each ill is a child process of a few lines, started anew for each tool. What is
not installed is said to be absent; `pstree` is there from 3.14 on.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.ills import ILLS, fall_ill
from common.look import looked_at
from common.tool import TOOLS

OF_TASKS = ["debug", "tasks", "pstree"]
OF_THREADS = ["deadlock", "convoy"]


def main():
    experiment = lab.Experiment(
        "tools_see", "Which tool sees which ill?", baseline="none")
    experiment.observed()
    for ill, label, _ in ILLS:
        experiment.case(ill, label)
        kind = "thread" if ill in OF_THREADS else "task"
        for tool, how, _ in TOOLS:
            if tool in OF_TASKS and ill in OF_THREADS:
                continue
            if tool == "pstree" and sys.version_info < (3, 14):
                continue
            experiment.variant(
                kind, tool, how,
                lambda run, ill=ill, tool=tool: looked_at(run, ill, tool))
    experiment.child("ill", lambda args: fall_ill(args[0]))
    return experiment.run()


if __name__ == "__main__":
    sys.exit(main())
