"""The job on dask.distributed: a scheduler and hosts, each a process.

Only there where the package is: `DASK` says so. Processes are forked from one
that has no threads: the scheduler, the hosts, and the client, which is one, too.
All of them end when the runner does.
"""

import asyncio
import contextlib
import logging
import multiprocessing
import os
import socket
import tempfile
import threading
import time

import lab
from common import events

try:
    import dask
    import distributed
    DASK = hasattr(os, "fork")
except ImportError:
    DASK = False

PATIENCE = 60
CONTEXT = multiprocessing.get_context("fork" if hasattr(os, "fork") else None)
# No pages, no limits on memory, no other threads than it needs; and a word of
# it only when something is wrong.
SETTINGS = {
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.worker-ttl": "5 minutes",
    "distributed.admin.system-monitor.gil.enabled": False,
}


# What a host does.

# ANCHOR: tasks
def take(window, host, hosts, steps):
    """Each event as it is, for whoever joins."""
    return events.parse(events.part(window, host, hosts), steps)


def count(*which):
    """Combined first: how many clicks each user has."""
    return events.count(take(*which))


def join_all(*parts):
    return events.join([events.count(part) for part in parts])


def join_counted(*counted):
    return events.join(counted)


def submit(client, hosts, steps, first, then):
    """For each window a task on each host, and one that joins them."""
    joined = []
    for window in range(events.WINDOWS):
        parts = [client.submit(first, window, host, hosts, steps, pure=False,
                               # Where the log is; elsewhere if need be.
                               workers=["host-%d" % host],
                               allow_other_workers=True)
                 for host in range(hosts)]
        joined.append(client.submit(then, *parts, pure=False))
    return joined
# ANCHOR_END: tasks


# The processes.

class Hosts(object):
    """A scheduler and so many hosts. `through(port)` may lead another way to
    each of them."""

    def __init__(self, count, through=None, settings=None):
        self.count = count
        self._through = through or (lambda port: port)
        self._settings = dict(SETTINGS, **(settings or {}))
        self._folder = tempfile.TemporaryDirectory(prefix="turns-")
        self._processes = []
        events.log()  # before anybody is forked
        self.pids = []
        try:
            port = self._fork(schedule)
            through = self._through(port)
            for host in range(count):
                self._start(host, through)
        except BaseException:
            self.end()
            raise
        self.port = port

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def _start(self, host, scheduler):
        for attempt in range(3):
            try:
                self._fork(work, host, scheduler, self._through)
            except lab.Failure:
                # Its port was free, and was taken before it could have it.
                if attempt == 2:
                    raise
            else:
                self.pids.append(self._processes[-1][0].pid)
                return

    def _fork(self, what, *args):
        ours, theirs = CONTEXT.Pipe()
        process = CONTEXT.Process(
            target=child, daemon=True,
            args=(what, theirs, os.getpid(), self._folder.name, self._settings)
            + args)
        process.start()
        theirs.close()
        self._processes.append((process, ours))
        return hear(ours)

    def run(self, run, job):
        """Has a client do `job(client, hosts)` under the clock; returns its
        answer and notes its metrics."""
        run.elsewhere()
        self._fork(ask, self.port, self.count, self.pids, job)
        pipe = self._processes[-1][1]
        run.start_clock()
        pipe.send("go")
        answer, metrics = hear(pipe)
        run.stop_clock()
        for name, value in metrics.items():
            run.metric(name, value)
        return answer

    def end(self):
        for process, _ in reversed(self._processes):
            process.kill()
        for process, pipe in self._processes:
            process.join()
            pipe.close()
        with contextlib.suppress(OSError):
            self._folder.cleanup()


def child(what, pipe, parent, folder, settings, *args):
    """A forked process, which ends when its parent is gone."""
    threading.Thread(target=outlive, args=(parent,), daemon=True).start()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    logging.disable(logging.CRITICAL)
    settings = dict(settings, **{"temporary-directory": folder})
    try:
        with dask.config.set(settings):
            what(pipe, *args)
    except Exception as error:  # whoever waits is told why
        pipe.send(Gone("%s: %s" % (type(error).__name__, error)))


class Gone(str):
    """Why a child cannot go on."""


def hear(pipe):
    """What a child says next."""
    if not pipe.poll(PATIENCE):
        raise lab.Failure("a child has said nothing for %d s" % PATIENCE)
    try:
        said = pipe.recv()
    except EOFError:
        raise lab.Failure("a child has ended without a word") from None
    if isinstance(said, Gone):
        raise lab.Failure(said)
    return said


def outlive(parent):
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


def schedule(pipe):
    async def serve():
        scheduler = distributed.Scheduler(
            host="127.0.0.1", port=0, dashboard=False)
        async with scheduler:
            pipe.send(scheduler.port)
            await scheduler.finished()
    asyncio.run(serve())


def work(pipe, host, scheduler, through):
    port = free_port()

    async def serve():
        worker = distributed.Worker(
            "tcp://127.0.0.1:%d" % scheduler, name="host-%d" % host,
            host="127.0.0.1", port=port, nthreads=1, dashboard=False,
            contact_address="tcp://127.0.0.1:%d" % through(port))
        async with worker:
            pipe.send("ready")
            await worker.finished()
    asyncio.run(serve())


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def ask(pipe, port, count, pids, job):
    with distributed.Client("tcp://127.0.0.1:%d" % port) as client:
        client.wait_for_workers(count)
        pipe.send("ready")
        pipe.recv()
        pipe.send(job(client, count, pids))
        pipe.recv()  # until we are ended


# What a client does.

def whole(combined, steps=0):
    """The whole job, with each event sent or combined first."""
    first, then = (count, join_counted) if combined else (take, join_all)

    def job(client, hosts, _):
        windows = client.gather(submit(client, hosts, steps, first, then))
        return events.answer(windows), {"moved_bytes": moved(client)}
    return job


def moved(client):
    """What the hosts have sent to each other."""
    def sent(dask_worker):
        return dask_worker.transfer_outgoing_bytes_total
    return sum(client.run(sent).values())


# A job that takes a while, and notes what it does.

class Notes(object):
    """A file that each task writes a byte into: what a task does to the world
    beside its result. In the scheduler's folder, with which it goes."""

    def __init__(self):
        number, self.path = tempfile.mkstemp(
            dir=dask.config.get("temporary-directory"))
        os.close(number)

    def count(self):
        return os.stat(self.path).st_size


def note(path):
    number = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(number, b".")
    finally:
        os.close(number)


def count_live(window, host, hosts, path):
    time.sleep(0.020)
    note(path)
    return events.count(events.part(window, host, hosts))


def join_live(path, *counted):
    note(path)
    return events.join(counted)


def submit_live(client, hosts, notes):
    """As `submit`, by tasks that take longer."""
    joined = []
    for window in range(events.WINDOWS):
        parts = [client.submit(count_live, window, host, hosts, notes.path,
                               pure=False, workers=["host-%d" % host],
                               allow_other_workers=True, priority=-window)
                 for host in range(hosts)]
        joined.append(client.submit(join_live, notes.path, *parts, pure=False,
                                    priority=1 - window))
    return joined
