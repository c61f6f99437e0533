"""What a switch saves: in a generator, its frame.

Run:  python examples/switching/switch_saves.py
See:  every local variable is kept, in an object on the heap of a few hundred
      bytes. No stack is switched: a generator can only stop in its own frame,
      and everybody who awaits it has to stop too.

Python 3.7 or later.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab


def main():
    experiment = lab.Experiment("switch_saves", "What does a switch save?",
                                baseline="none")
    experiment.observed()
    experiment.variant("task", "generator", "a generator's locals", locals_kept)
    return experiment.run()


# ANCHOR: locals
def flow(first):
    a, b, c, d, e, f = range(first, first + 6)
    yield  # here the other one runs
    yield [a, b, c, d, e, f]


def locals_kept(run):
    ours, theirs = flow(1000), flow(2000)
    next(ours)
    next(theirs)
    found = next(ours)
    kept = sum(a == b for a, b in zip(found, range(1000, 1006)))
    # ANCHOR_END: locals
    run.metric("kept", kept)
    run.metric("lost", 6 - kept)
    if sys.implementation.name == "cpython":  # PyPy does not say
        run.metric("saved_bytes", size(flow(1000)))
    return "%d of 6 variables kept" % kept


def size(generator):
    """Bytes of a generator and its frame, which is a part of it since 3.11."""
    frame = [generator.gi_frame] if sys.version_info < (3, 11) else []
    return sum(map(sys.getsizeof, [generator] + frame))


if __name__ == "__main__":
    sys.exit(main())
