"""A worker holds a lock, has a temporary file, has started a child, and is in
the middle of a line. What does it leave behind when it is stopped there?

Run:  python examples/cancelling/cancel_leaves.py
See:  a thread that is told by a flag goes on to a place of its choice, and
      leaves nothing. A task that is canceled, or a process that is interrupted,
      gives back what a `with` or a `finally` stands for; the child goes on, and
      the line stays half written. Of a process that is killed, or terminated
      without a handler for that, the kernel takes back what was its own, such
      as its lock, and nothing else.

Needs `fcntl` for the lock of a process, so these variants are for Unix.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
try:
    import fcntl
except ImportError:
    fcntl = None

STEP_S = 0.020  # between the halves of a line
PATIENCE_S = 10  # by then a worker has begun

# It lives until it is asked whether it does.
CHILD = [sys.executable, "-S", "-c",
         "import sys; sys.stdout.write('.' * len(sys.stdin.read(1)))"]


def main():
    if sys.argv[1:2] == ["worker"]:
        return worker(sys.argv[2])
    experiment = lab.Experiment("cancel_leaves",
                                "What does it leave behind that is stopped in "
                                "the middle?", baseline="flag")
    experiment.observed()
    experiment.variant("thread", "flag", "a thread, by a flag",
                       lambda run: left_by(run, by_a_flag))
    experiment.variant("task", "canceled", "a task, canceled",
                       lambda run: left_by(run, canceled))
    if fcntl:
        experiment.variant("process", "interrupted", "a process, by SIGINT",
                           lambda run: left_by(run, interrupted))
        experiment.variant("process", "terminated", "a process, by SIGTERM",
                           lambda run: left_by(run, terminated))
        experiment.variant("process", "killed", "a process, by SIGKILL",
                           lambda run: left_by(run, killed))
    return experiment.run()


# ANCHOR: workers
def thread(place, lock, stop):
    with lock, scratch(place.folder):
        child = place.run(CHILD)
        while not stop.is_set():
            place.log("half a line")
            time.sleep(STEP_S)
            place.log(", and its end\n")
        child.kill()
        child.wait()


async def task(place, lock):
    async with lock:
        with scratch(place.folder):
            place.run(CHILD)
            while True:
                place.log("half a line")
                await asyncio.sleep(STEP_S)  # stopped here
                place.log(", and its end\n")


@contextlib.contextmanager
def scratch(folder):
    path = os.path.join(folder, "scratch")
    with open(path, "w"):
        pass
    try:
        yield path
    finally:
        os.remove(path)
# ANCHOR_END: workers


def worker(folder):
    """As `thread`, in a process, and nobody tells it anything. Its lock is on
    a file; its child has its input and its output."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    place = Place(folder, None, None)
    with open(os.path.join(folder, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            with scratch(folder):
                place.run(CHILD)
                began = time.time()
                while time.time() - began < PATIENCE_S:
                    place.log("half a line")
                    time.sleep(STEP_S)
                    place.log(", and its end\n")
        except KeyboardInterrupt:
            return 1


def by_a_flag(place):
    lock, stop = threading.Lock(), threading.Event()
    worker = threading.Thread(target=thread, args=(place, lock, stop))
    worker.start()
    place.in_the_middle()
    stop.set()
    worker.join()
    return lock.locked()


def canceled(place):
    async def cancel():
        lock = asyncio.Lock()
        working = asyncio.ensure_future(task(place, lock))
        while not place.is_in_the_middle():
            await asyncio.sleep(STEP_S / 20)
        working.cancel()
        await asyncio.wait([working])
        return lock.locked()

    return asyncio.run(cancel())


def interrupted(place):
    return ended(place, signal.SIGINT)


def terminated(place):
    return ended(place, signal.SIGTERM)


def killed(place):
    return ended(place, signal.SIGKILL)


def ended(place, by):
    script = os.path.abspath(__file__)
    worker = place.run([sys.executable, script, "worker", place.folder])
    place.in_the_middle()
    worker.send_signal(by)
    worker.wait()
    with open(os.path.join(place.folder, "lock")) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


class Place(object):
    """Where a worker leaves things."""

    def __init__(self, folder, asks, says):
        self.folder = folder
        self.started = []
        self._log = os.path.join(folder, "log")
        self._pipes = {"stdin": asks, "stdout": says}

    def run(self, command):
        # Kept, since who is forgotten alive is warned of.
        self.started.append(subprocess.Popen(command, **self._pipes))
        return self.started[-1]

    def log(self, text):
        with open(self._log, "a") as log:
            log.write(text)

    def is_in_the_middle(self):
        with open(self._log) as log:
            text = log.read()
        return text != "" and not text.endswith("\n")

    def in_the_middle(self):
        """Waits until a line is half written."""
        began = time.time()
        while not self.is_in_the_middle() and time.time() - began < PATIENCE_S:
            time.sleep(STEP_S / 20)


def left_by(run, stopped):
    """Has a worker stopped in the middle, and looks what it has left. `stopped`
    returns whether nobody can take its lock."""
    folder = tempfile.mkdtemp(prefix="taking-turns-leaves-")
    asks, to_child = os.pipe()
    from_child, says = os.pipe()
    place = Place(folder, asks, says)
    place.log("")
    try:
        locked = stopped(place)
        os.close(asks)
        os.close(says)
        alive = is_alive(to_child, from_child)
        for process in place.started:
            process.wait()
        left = [("lock", locked),
                ("file", os.path.exists(os.path.join(folder, "scratch"))),
                ("child", alive),
                ("half_line", place.is_in_the_middle())]
    finally:
        shutil.rmtree(folder)
    for name, is_left in left:
        run.metric(name, int(is_left))
    names = [name.replace("_", " ") for name, is_left in left if is_left]
    return ", ".join(names) or "nothing"


def is_alive(to_child, from_child):
    """Whoever lives says so, and ends."""
    with open(to_child, "wb", buffering=0) as asking:
        try:
            asking.write(b"?")
        except BrokenPipeError:
            pass  # nobody is there
    with open(from_child, "rb") as said:
        return said.read() != b""


if __name__ == "__main__":
    sys.exit(main())
