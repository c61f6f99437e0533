"""Four processes accept on one port. Who gets the connection?

Run:  python examples/limits/limits_accepting.py
See:  where each waits in accept(), they take turns. Where each waits in an
      epoll of its own, for one socket, few of them have most that come one at a
      time, unless each goes to the end of the line after its turn. With a
      socket each (SO_REUSEPORT) a hash deals out evenly, and goes on dealing to
      one that does not look.

The workers are child processes. They get their socket as standard input. Linux
only.
"""

import os
import select
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

WORKERS = 4
ONE_BY_ONE = 200
AT_ONCE = 40
HELD_UP_S = 0.2
LATE_NS = 100000000
PATIENCE_S = 5
ALONE_S = 20  # a worker whose parent was killed goes, too


def main():
    if not hasattr(select, "EPOLLEXCLUSIVE"):
        sys.exit("Linux only")
    experiment = lab.Experiment(
        "limits_accepting",
        "Four processes accept on one port: who gets the connection?",
        baseline="blocking")
    experiment.observed()
    for case, label in [("one", "one connection at a time"),
                        ("held", "40 at once, one worker held up")]:
        experiment.case(case, label)
        for name, says in [
                ("blocking", "each waits in accept"),
                ("epoll", "each in its epoll, one socket"),
                ("exclusive", "the same, EPOLLEXCLUSIVE"),
                ("anew", "the same, registered anew each time"),
                ("reuseport", "a socket each, SO_REUSEPORT")]:
            experiment.variant("process", name, says,
                               lambda run, case=case, name=name:
                               play(run, case, name))
    experiment.child("worker", lambda args: worker(*args))
    return experiment.run()


def play(run, case, way):
    run.elsewhere()
    with bound(("127.0.0.1", 0), way == "reuseport") as place:
        if way != "reuseport":
            place.listen(128)
            # What several share is blocking for all of them, or for none.
            place.setblocking(way == "blocking")
        address = place.getsockname()
        workers = []
        try:
            for i in range(WORKERS):
                workers.append(started(i, way, place))
            before = sum(map(sleeps, workers))
            run.start_clock()
            loads = {"one": one_by_one, "held": while_one_is_held_up}
            answers = loads[case](address)
            run.stop_clock()
            after = sum(map(sleeps, workers))
        finally:
            for process in workers:
                process.kill()
                process.wait()
                process.stdout.close()
    shares = [sum(1 for who, _ in answers if who == i) for i in range(WORKERS)]
    late = sum(1 for _, waited_ns in answers if waited_ns > LATE_NS)
    count = float(len(answers))
    run.metric("busiest_share", max(shares) / count)
    run.metric("first_share", shares[0] / count)
    run.metric("last_share", shares[-1] / count)
    run.metric("late_share", late / count)
    run.metric("sleeps_each", (after - before) / count)
    return ", ".join("%d to %d" % (n, i) for i, n in enumerate(shares) if n)


def bound(address, reuse):
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, int(reuse))
    place.bind(address)
    return place


def started(i, way, place):
    process = subprocess.Popen(
        lab.rerun_self("worker", [i, way, place.getsockname()[1]]),
        stdin=place, stdout=subprocess.PIPE, universal_newlines=True)
    if process.stdout.readline() != "ready\n":
        raise lab.Failure("worker %d does not begin" % i)
    return process


def sleeps(process):
    """How often its main thread has gone to sleep."""
    with open("/proc/%d/status" % process.pid) as status:
        for line in status:
            if line.startswith("voluntary_ctxt_switches:"):
                return int(line.split()[1])
    raise lab.Failure("the kernel does not tell")


def asked(address, what):
    came_ns = time.monotonic_ns()
    connection = socket.create_connection(address, timeout=PATIENCE_S)
    connection.sendall(what)
    return connection, came_ns


def answer(connection, came_ns):
    """The worker's number, and how long it took to accept."""
    said = b""
    with connection:
        while True:
            more = connection.recv(100)
            if not more:
                break
            said += more
    worker, at_ns = said.split()
    return int(worker), int(at_ns) - came_ns


def one_by_one(address):
    return [answer(*asked(address, b".")) for _ in range(ONE_BY_ONE)]


def while_one_is_held_up(address):
    slow = asked(address, b"!")
    time.sleep(HELD_UP_S / 10)  # by then somebody has it
    connections = [asked(address, b".") for _ in range(AT_ONCE)]
    answers = [answer(*one) for one in connections]
    answer(*slow)
    return answers


def worker(i, way, port):
    signal.alarm(ALONE_S)
    if way == "reuseport":
        listener = bound(("127.0.0.1", int(port)), True)
        listener.listen(128)
        blocking(i, listener)
    listener = socket.socket(fileno=os.dup(0))
    if way == "blocking":
        blocking(i, listener)
    by_epoll(i, listener, way != "epoll", way == "anew")


def ready():
    print("ready")
    sys.stdout.flush()


# ANCHOR: workers
def blocking(i, listener):
    ready()
    while True:
        connection, _ = listener.accept()
        serve(i, connection)


def by_epoll(i, listener, exclusive, anew):
    listener.setblocking(False)
    epoll = select.epoll()
    flags = select.EPOLLEXCLUSIVE if exclusive else 0
    flags |= select.EPOLLIN
    epoll.register(listener, flags)
    ready()
    while True:
        epoll.poll()
        try:
            connection, _ = listener.accept()
        except BlockingIOError:
            continue  # another was quicker
        if anew:
            epoll.unregister(listener)
            epoll.register(listener, flags)
        serve(i, connection)
# ANCHOR_END: workers


def serve(i, connection):
    accepted_ns = time.monotonic_ns()
    with connection:
        connection.setblocking(True)
        if connection.recv(1) == b"!":
            time.sleep(HELD_UP_S)
        connection.sendall(b"%s %d" % (i.encode(), accepted_ns))


if __name__ == "__main__":
    sys.exit(main())
