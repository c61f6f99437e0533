"""A writer is killed at a moment that nobody has chosen. What do its files
hold?

Run:  python examples/exits/exits_torn.py
See:  a file that was being emptied and written, or written over, is torn after
      most kills. Written beside and renamed it never is; a file with another
      name may be left. Of records that were acknowledged, those in a buffer are
      lost, and those that were flushed are there, synced or not.

Ten writers a run, each a forked process that is killed with SIGKILL at most
4 ms after its first write. Nothing here takes the power away.
"""

import os
import random
import shutil
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.system import forked

KILLS = 10
LATEST_S = 0.004
BYTES = 256 << 10
PIECE = 8 << 10
TIMED = 3  # what it costs is told by so many
LONG_S = 10  # by then a writer ends by itself


def main():
    experiment = lab.Experiment(
        "exits_torn", "A writer is killed: what do its files hold?",
        baseline="none")
    experiment.observed()
    if not hasattr(os, "fork"):
        raise lab.Failure("it needs os.fork, which is Unix's")
    experiment.case("files", "a file is replaced again and again")
    for name, label, save in FILES:
        experiment.variant("process", name, label,
                           lambda run, save=save: torn(run, save))
    experiment.case("records", "records are acknowledged")
    for name, label, work in RECORDS:
        experiment.variant("process", name, label,
                           lambda run, work=work: lost(run, work))
    return experiment.run()


# ANCHOR: save
def emptied(path, content):
    with open(path, "wb") as file:
        in_pieces(file, content)


def over(path, content):
    with open(path, "r+b") as file:
        in_pieces(file, content)


def renamed(path, content):
    with open(path + ".new", "wb") as file:
        in_pieces(file, content)
    os.replace(path + ".new", path)  # the old one or the new one


def renamed_synced(path, content):
    with open(path + ".new", "wb") as file:
        in_pieces(file, content)
        os.fsync(file.fileno())
    os.replace(path + ".new", path)
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    os.fsync(folder)  # the name is an entry in the folder
    os.close(folder)
# ANCHOR_END: save


def in_pieces(file, content):
    for begin in range(0, len(content), PIECE):
        file.write(content[begin:begin + PIECE])
    file.flush()


def replace(save, path, says):
    """Replaces the file until it is killed. All bytes of one version are
    alike."""
    began, version = time.monotonic(), 0
    while time.monotonic() - began < LONG_S:
        version += 1
        save(path, bytes([version % 256]) * BYTES)
        if version == TIMED:  # from now on we may be killed
            each_us = (time.monotonic() - began) * 1e6 / TIMED
            os.write(says, b"%d\n" % each_us)


def torn(run, save):
    run.elsewhere()
    folder = new_folder()
    path = os.path.join(folder, "file")
    torn = empty = beside = each_us = 0
    for _ in range(KILLS):
        with open(path, "wb") as file:
            file.write(bytes(BYTES))
        each_us += int(killed_while(run, replace, save, path)[0])
        with open(path, "rb") as file:
            content = file.read()
        torn += len(content) != BYTES or content != content[:1] * BYTES
        empty += not content
        if os.path.exists(path + ".new"):
            os.remove(path + ".new")
            beside += 1
    shutil.rmtree(folder)
    run.metric("torn_share", torn / KILLS)
    run.metric("empty_share", empty / KILLS)
    run.metric("beside_share", beside / KILLS)
    run.metric("each_us", each_us / KILLS)
    return "%d of %d torn" % (torn, KILLS)


# ANCHOR: records
def buffered(file, record):
    file.write(record)


def written(file, record):
    file.write(record)
    file.flush()  # now the kernel has it


def synced(file, record):
    file.write(record)
    file.flush()
    os.fsync(file.fileno())  # now the disk has it


def append(write, path, says):
    """Writes a record, says that it is written, and so on until it is
    killed."""
    began, number = time.monotonic(), 0
    with open(path, "ab") as file:
        while time.monotonic() - began < LONG_S:
            record = b"%07d\n" % number
            write(file, record)
            os.write(says, record)
            number += 1
# ANCHOR_END: records


def lost(run, write):
    run.elsewhere()
    folder = new_folder()
    path = os.path.join(folder, "records")
    lost = said = 0
    for _ in range(KILLS):
        acknowledged = len(killed_while(run, append, write, path))
        with open(path, "rb") as file:
            kept = file.read().count(b"\n")
        os.remove(path)
        lost += max(acknowledged - kept, 0)
        said += acknowledged
    shutil.rmtree(folder)
    run.metric("lost", lost / KILLS)
    run.metric("acknowledged", said / KILLS)
    run.metric("lost_share", lost / said)
    return "some are lost" if lost else "all are there"


# ANCHOR: kill
def killed_while(run, work, how, path):
    """Kills a writer some time after its first line. All that it has said."""
    hears, says = os.pipe()
    writer = forked(work, how, path, says)
    os.close(says)
    with os.fdopen(hears, "rb") as lines:
        first = lines.readline()
        time.sleep(random.uniform(0, LATEST_S))
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        run.stop_clock()
        return [first] + lines.readlines()
# ANCHOR_END: kill


def new_folder():
    """Beside the built example, since a folder for temporary files may be in
    memory."""
    built = os.path.dirname(os.environ.get("LAB_EXAMPLE", ""))
    return tempfile.mkdtemp(prefix="exits_torn-", dir=built or None)


FILES = [
    ("emptied", "emptied and written", emptied),
    ("over", "written over", over),
    ("renamed", "written beside, renamed", renamed),
    ("synced", "the same, with fsync", renamed_synced),
]
RECORDS = [
    ("buffered", "into a buffer", buffered),
    ("written", "and flushed", written),
    ("synced", "and synced", synced),
]


if __name__ == "__main__":
    sys.exit(main())
