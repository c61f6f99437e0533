"""One more file, thread, process, mapping, port, connection in the backlog, and
one more, until the system refuses. What does it say?

Run:  python examples/limits/limits_meet.py
See:  most refusals are an `OSError` with a name, but a thread's is a
      `RuntimeError` without one, and a look-up without files blames the name.

Each limit is met in a child process, which has set it for itself, so that
nobody else lacks anything. Linux only.
"""

import mmap
import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common import own

FILES = 64
TASKS = 16
MIB = 1 << 20
ROOM_BYTES = 64 * MIB
BOUND = 200000  # some systems allow a million mappings
PORTS = 16
BACKLOG = 8
PATIENCE_S = 0.25  # without it Linux tries for two minutes


def main():
    experiment = lab.Experiment(
        "limits_meet", "One more, until the system refuses: what does it say?",
        baseline="none")
    experiment.observed()
    for case, label, ways in WAYS:
        experiment.case(case, label)
        for name, says, _ in ways:
            experiment.variant("alone", name, says,
                               lambda run, case=case, name=name:
                               lab.take_over(run, "meet", (case, name)))
    experiment.child("meet", lambda args: child(*args))
    return experiment.run()


def child(case, name):
    lab.no_core_file()
    ways = dict((known, ways) for known, _, ways in WAYS)[case]
    way = dict((known, way) for known, _, way in ways)[name]
    print("answer " + way())
    sys.stdout.flush()
    os._exit(0)  # threads that we have started are still there


# ANCHOR: until
def until(one_more):
    """One more and one more, all of which are kept, and what ends it."""
    kept = []
    for i in range(BOUND):
        try:
            kept.append(one_more(i))
        except (OSError, RuntimeError, MemoryError) as refusal:
            said = own.named(refusal)
            del kept[-1:]  # room to say so
            print("reached %d" % i)
            return said
    print("reached %d" % BOUND)
    return "not met, up to our bound"
# ANCHOR_END: until


def files_open():
    own.files(FILES)
    return until(lambda i: os.open("/dev/null", os.O_RDONLY))


def files_but(spare):
    """All files but some, kept open."""
    own.files(FILES)
    files = []
    try:
        while True:
            files.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        for file in files[len(files) - spare:]:
            os.close(file)


def files_spawn():
    files_but(1)
    return until(lambda i: subprocess.check_output(["true"]))


def files_name():
    u"localhost".encode("idna")  # is loaded when it is first needed
    files_but(0)
    return until(lambda i: socket.getaddrinfo("localhost", 80))


# ANCHOR: threads
def one_thread(never):
    thread = threading.Thread(target=never.acquire, daemon=True)
    thread.start()


def threads_start():
    own.tasks(TASKS)
    return more_threads()
# ANCHOR_END: threads


def threads_pool():
    own.tasks(TASKS)
    never = threading.Lock()
    never.acquire()
    pool = ThreadPoolExecutor(2 * TASKS)
    return until(lambda i: pool.submit(never.acquire))


def more_threads():
    never = threading.Lock()
    never.acquire()
    return until(lambda i: one_thread(never))


def space_start():
    own.room(ROOM_BYTES)
    return more_threads()


def space_bytes():
    own.room(ROOM_BYTES)
    return until(lambda i: bytearray(MIB))


def processes_spawn():
    own.tasks(TASKS)
    children = []

    def one_more(i):
        children.append(subprocess.Popen(["cat"], stdin=subprocess.PIPE))

    said = until(one_more)
    for waits in children:
        waits.communicate()
    return said


def mappings_map():
    private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    both = (mmap.PROT_READ, mmap.PROT_READ | mmap.PROT_WRITE)
    # Neighbors that are alike would be one mapping.
    return until(lambda i: mmap.mmap(-1, mmap.PAGESIZE, flags=private,
                                     prot=both[i % 2]))


# ANCHOR: ports
def connect(first, to):
    ours = socket.socket()
    own.choose_from(ours, first, PORTS)
    ours.connect(to.getsockname())
    return ours
# ANCHOR_END: ports


def listener(backlog=128):
    return socket.create_server(("127.0.0.1", 0), backlog=backlog)


def ports_open():
    to = listener()
    first = own.free_ports(PORTS)
    return until(lambda i: connect(first, to))


def backlog_full():
    to = listener(BACKLOG)
    return until(lambda i: socket.create_connection(to.getsockname(),
                                                    timeout=PATIENCE_S))


def nobody_connect():
    with listener() as gone:
        nobody = gone.getsockname()
    return until(lambda i: socket.create_connection(nobody))


WAYS = [
    ("files", "64 open files",
     [("open", "os.open", files_open),
      ("spawn", "then subprocess", files_spawn),
      ("name", "then the look-up of a name", files_name)]),
    ("threads", "16 threads and processes",
     [("start", "Thread.start", threads_start),
      ("pool", "ThreadPoolExecutor.submit", threads_pool)]),
    ("space", "64 MiB more of address space",
     [("start", "Thread.start", space_start),
      ("bytes", "bytearray", space_bytes)]),
    ("processes", "16 threads and processes",
     [("spawn", "subprocess.Popen", processes_spawn)]),
    ("mappings", "as many as the system allows",
     [("map", "mmap", mappings_map)]),
    ("ports", "16 ports to choose from",
     [("open", "connect, and stay", ports_open)]),
    ("backlog", "a listener that does not accept",
     [("full", "a backlog of 8", backlog_full)]),
    ("nobody", "no listener",
     [("connect", "connect", nobody_connect)]),
]


if __name__ == "__main__":
    sys.exit(main())
