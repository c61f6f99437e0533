"""Two threads that compute: in the language itself, or in what it calls?

Run:  python examples/global_lock/gil_native.py
See:  where a global lock is on, a loop of Python's own gains nothing by a
      second thread, and neither do hashes of 2 047 bytes at a time: for so
      little, hashlib keeps the lock. Hashing and compressing large pieces
      gains, since that C code lets the lock go and touches no object.

In Python 2, `rarely` is `threads` with the lock offered every million
bytecodes instead of every hundred. Since 3.14, `interpreters` gives each
thread an interpreter with a lock of its own.
"""

import bz2
import hashlib
import os
import sys
import time
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

try:
    from concurrent.futures import InterpreterPoolExecutor
except ImportError:  # before 3.14
    InterpreterPoolExecutor = None

if sys.version_info[0] == 2:
    range = xrange  # Python 2 would make a list of it

STEPS = 600000
# For each thread a megabyte of its own; the numbers repeat late, so that there
# is something to compress.
DATA = [bytes(bytearray(i * i // 7 % n for i in range(1 << 20)))
        for n in (251, 241)]


def main():
    experiment = lab.Experiment(
        "gil_native",
        "Two threads compute in code that is not Python's: do they gain?")
    for case, label, work in [
            ("loop", "a loop of the language's own", chain),
            ("pieces", "SHA-256 of 2 047 bytes at a time", pieces),
            ("sha256", "SHA-256 of all at once", sha256),
            ("zlib", "compressing by zlib", compressed),
            ("bz2", "compressing by bz2", squeezed)]:
        experiment.case(case, label)
        experiment.variant("alone", "sequential", "one after another",
                           lambda run, work=work: sequential(run, work))
        experiment.variant("thread", "threads", "2 threads",
                           lambda run, work=work: threads(run, work))
        if case == "loop" and sys.version_info[0] == 2:
            experiment.variant("thread", "rarely", "2 threads, fewer offers",
                               lambda run, work=work: rarely(run, work))
        if case == "loop" and InterpreterPoolExecutor is not None:
            experiment.variant("thread", "interpreters", "a lock each",
                               lambda run, work=work: interpreters(run, work))
    return experiment.run()


def sequential(run, work):
    run.start_clock()
    answers = work(0), work(1)
    run.stop_clock()
    return "%s %s" % answers


def threads(run, work):
    return "%s %s" % tuple(run.together(2, work))


def rarely(run, work):
    usual = sys.getcheckinterval()
    sys.setcheckinterval(1000000)
    try:
        return threads(run, work)
    finally:
        sys.setcheckinterval(usual)


def interpreters(run, work):
    """Two threads of this process, each in an interpreter of its own."""
    with InterpreterPoolExecutor(2) as pool:
        # Time for both to start, and to load this program.
        list(pool.map(ready, range(2)))
        run.start_clock()
        answers = tuple(pool.map(work, range(2)))
        run.stop_clock()
    return "%s %s" % answers


def ready(_):
    time.sleep(0.1)


# ANCHOR: work
def chain(which):
    x = which + 1
    for _ in range(STEPS):
        x = x * 48271 % 2147483647
    return x


def pieces(which):
    data, digest = DATA[which], hashlib.sha256()
    for _ in range(16):
        for i in range(0, len(data), 2047):
            digest.update(data[i:i + 2047])  # too little to let go for
    return digest.hexdigest()


def sha256(which):
    data, digest = DATA[which], hashlib.sha256()
    for _ in range(32):
        digest.update(data)  # lets the lock go
    return digest.hexdigest()
# ANCHOR_END: work


def compressed(which):
    return len(zlib.compress(3 * DATA[which]))


def squeezed(which):
    return len(bz2.compress(DATA[which][:100000]))


if __name__ == "__main__":
    sys.exit(main())
