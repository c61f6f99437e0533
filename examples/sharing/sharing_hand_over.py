"""64 MiB from one flow to another: through memory they share, and through a
pipe.

Run:  python examples/sharing/sharing_hand_over.py
See:  a thread has the bytes as soon as it is awake: the very object, not one
      like it. A process has to be sent every one of them.

The clock runs from the word "yours" until the sender hears that the receiver
has the bytes: it sleeps meanwhile, so both have to be woken. The bytes are
looked at after the clock has stopped; the answer is a sum of them.
"""

import os
import subprocess
import sys
import threading
import time

try:
    from queue import Queue
except ImportError:  # Python 2
    from Queue import Queue

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

SIZE = 64 << 20


def main():
    experiment = lab.Experiment(
        "sharing_hand_over", "What does it take to hand 64 MiB over?",
        baseline="pipe")
    # Jython's clock has steps of a millisecond, too coarse for this one.
    if not sys.platform.startswith("java"):
        experiment.variant("thread", "shared", "shared with a thread", shared)
    experiment.variant("thread", "copied", "a copy for a thread", copied)
    experiment.variant("process", "pipe", "to a process, by a pipe", pipe)
    experiment.child("receive", receive)
    return experiment.run()


# ANCHOR: threads
def shared(run):
    return to_a_thread(run, lambda ours: ours)


def copied(run):
    theirs = new_bytes()  # its memory is there already, as for the pipe

    def copy(ours):
        theirs[:] = ours
        return theirs

    return to_a_thread(run, copy)


def to_a_thread(run, give):
    sent, got, stopped, sums = Queue(), Queue(), threading.Event(), []

    def receive():
        got.put("ready")
        theirs = sent.get()
        got.put(theirs)
        stopped.wait()  # or we would hold the global lock meanwhile
        sums.append(total(theirs))

    thread = threading.Thread(target=receive)
    thread.start()
    ours = new_bytes()
    got.get()
    time.sleep(0.005)  # until it waits for more, asleep
    run.start_clock()
    sent.put(give(ours))
    same = got.get() is ours
    run.stop_clock()
    stopped.set()
    run.metric("same_address", 1 if same else 0)
    thread.join()
    return sums[0]
# ANCHOR_END: threads


def new_bytes():
    pattern = bytearray(range(251))
    return (pattern * (SIZE // 251 + 1))[:SIZE]


def total(theirs):
    """A byte of each page, added up."""
    return sum(theirs[::4096])


def pipe(run):
    run.elsewhere()
    child = subprocess.Popen(lab.rerun_self("receive"), stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
    ours = new_bytes()
    hear(child, b"ready")
    run.start_clock()
    child.stdin.write(ours)
    child.stdin.flush()
    hear(child, b"got them")
    run.stop_clock()
    answer = int(child.stdout.readline())
    child.communicate()
    if child.returncode != 0:
        raise RuntimeError("the receiver ended with %d" % child.returncode)
    return answer


def hear(child, word):
    """Waits for the word. (An `assert` would not, under `python -O`.)"""
    said = child.stdout.readline().strip()
    if said != word:
        raise RuntimeError("the receiver says %r" % said)


def receive(_):
    theirs = new_bytes()
    theirs[::4096] = bytearray(len(theirs[::4096]))
    print("ready")
    sys.stdout.flush()
    source = getattr(sys.stdin, "buffer", sys.stdin)
    have, view = 0, memoryview(theirs)
    while have < SIZE:
        have += source.readinto(view[have:])
    print("got them")
    sys.stdout.flush()
    print(total(theirs))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
