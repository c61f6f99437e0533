"""Two threads count up to the same bound. Who owns the number?

Run:  python examples/global_lock/gil_shared.py
See:  under a global lock it makes no difference. In a free-threaded build of
      3.13, two threads gain with a literal or with a copy each, and gain less
      or lose with one number between them, or with a literal in a module that
      import has just compiled, as in the first run after an edit.
      `cargo book measure gil_shared --python all` asks every interpreter.
"""

import importlib
import os
import py_compile
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab


def main():
    experiment = lab.Experiment(
        "gil_shared",
        "Two threads read the same number: does that slow them down?")
    for case, label, job in [
            ("literal", "the bound is a constant of the program", literal),
            ("copies", "each thread has a bound of its own", copies),
            ("shared", "both threads have the same bound", shared),
            ("compiled", "literal, in a module that import compiles",
             imported("compiled_at_import", cached=False)),
            ("cached", "literal, in a module from a .pyc file",
             imported("read_from_a_pyc", cached=True))]:
        experiment.case(case, label)
        experiment.variant("alone", "sequential", "one after another",
                           lambda run, job=job: "%d %d" % (job(), job()))
        experiment.variant("thread", "threads", "2 threads",
                           lambda run, job=job: threads(run, job))
    return experiment.run()


# ANCHOR: cases
def literal():
    i = 0
    while i < 600000:
        i += 1
    return i


def count(n):
    i = 0
    while i < n:
        i += 1
    return i


def copies():
    return count(int("600000"))  # a new object, made by this thread


BOUND = int("600000")  # one object, made here


def shared():
    return count(BOUND)
# ANCHOR_END: cases


# ANCHOR: imported
def imported(name, cached):
    """literal(), from a copy of this file that is imported."""
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, name + ".py")
    shutil.copy(os.path.abspath(__file__), path)
    sys.path.insert(0, folder)
    before = getattr(sys, "pycache_prefix", None)
    sys.pycache_prefix = None  # beside the copy, wherever others are kept
    try:
        if cached:
            py_compile.compile(path)
        # Reads the .pyc where there is one, and else compiles.
        return importlib.import_module(name).literal
    finally:
        sys.pycache_prefix = before
        sys.path.remove(folder)
        shutil.rmtree(folder)
# ANCHOR_END: imported


def threads(run, job):
    return "%d %d" % tuple(run.together(2, lambda _: job()))


if __name__ == "__main__":
    sys.exit(main())
