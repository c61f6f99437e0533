"""Threads allocate, free nearly all of it, and end. How much memory does the
process keep?

Run:  python examples/threads/threads_arenas.py
See:  `resident` beside `kept`: one block in a hundred is still in use, and
      nearly all of the memory stays with the process. malloc_trim gives back
      what has no block in use on its page.

Needs Python 3.9. Every run is a process of its own.
"""

import ctypes
import os
import random
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

THREADS = 8
EACH = 8 << 20
KEPT = 100


def main():
    experiment = lab.Experiment(
        "threads_arenas", "How much memory stays when threads free theirs?",
        baseline="freed")
    variants = [("freed", "all of it freed"), ("kept", "1 in 100 kept")]
    if malloc_trim():
        variants.append(("trimmed", "1 in 100, malloc_trim"))
    for name, label in variants:
        experiment.variant("thread", name, label,
                           lambda run, name=name: lab.take_over(run, name))
        experiment.child(name, lambda _, name=name: tell(name))
    return experiment.run()


def malloc_trim():
    """glibc's, or None."""
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


def work(n, kept, left):
    sizes, blocks, total = random.Random(n), [], 0
    while total < EACH:
        size = 64 + sizes.randrange(2048)
        blocks.append(bytearray(size))
        total += size
    if kept:
        left.extend(blocks[kept::kept])


def tell(name):
    before = lab.proc_bytes("/proc/self/status", "VmRSS:")
    left, kept = [], 0 if name == "freed" else KEPT
    threads = [threading.Thread(target=work, args=(n, kept, left))
               for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if name == "trimmed":
        malloc_trim()(0)
    after = lab.proc_bytes("/proc/self/status", "VmRSS:")
    if before is not None:
        print("resident_bytes %d" % max(after - before, 0))
    print("allocated_bytes %d" % (THREADS * EACH))
    print("kept_bytes %d" % sum(map(len, left)))
    print("answer freed")


if __name__ == "__main__":
    sys.exit(main())
