"""A server that may open 48 files, and 70 clients at once, each of whom is
answered after 120 ms. What does its accept loop do when there is no file left
for a connection?

Run:  python examples/limits/limits_accept.py
See:  a loop that tries again at once has a core to itself until somebody
      leaves, and so has `socketserver`. asyncio pauses for a second. Threads
      that accept, as many as there are places, and a semaphore cost nothing.

The server is a child process, which has set its limit for itself. Linux only.
"""

import asyncio
import os
import socket
import socketserver
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common import own

FILES = 48
CLIENTS = 70
PLACES = 36
HOLD_S = 0.120
# The window in which we look at the server, from when all clients have come.
FROM_S = 0.030
LENGTH_S = 0.060
PATIENCE_S = 5


def main():
    experiment = lab.Experiment(
        "limits_accept",
        "No file is left for a connection: what does the accept loop do?",
        baseline="workers")
    experiment.observed()
    for name, says, kind, _ in WAYS:
        experiment.variant(kind, name, says,
                           lambda run, name=name: clients(run, name))
    experiment.child("server", lambda args: server(args[0]))
    return experiment.run()


def clients(run, way):
    """All clients, in one thread: they connect, and then wait."""
    run.elsewhere()
    process = subprocess.Popen(
        lab.rerun_self("server", [way]), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        universal_newlines=True)
    with process:
        try:
            port = int(process.stdout.readline())
            run.start_clock()
            connections = [connected(port) for _ in range(CLIENTS)]
            time.sleep(FROM_S)
            then, began = used(process)
            time.sleep(LENGTH_S)
            now, ended = used(process)
            served = sum(answered(connection) for connection in connections)
            run.stop_clock()
        finally:
            process.kill()
    run.metric("cpu_share", float(now - then) / (ended - began))
    run.metric("served", served)
    return "%d of %d served" % (served, CLIENTS)


def connected(port):
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def answered(connection):
    with connection:
        try:
            return connection.recv(1) == b"."
        except OSError:
            return False


def used(process):
    """The server's CPU time so far, and when that was."""
    process.stdin.write("used\n")
    process.stdin.flush()
    return [int(word) for word in process.stdout.readline().split()]


def server(name):
    way = dict((known, way) for known, _, _, way in WAYS)[name]
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    own.files(FILES)
    print(listener.getsockname()[1])
    sys.stdout.flush()
    threading.Thread(target=way, args=(listener,), daemon=True).start()
    for _ in iter(sys.stdin.readline, ""):
        print("%d %d" % (time.process_time_ns(), time.monotonic_ns()))
        sys.stdout.flush()
    os._exit(0)


def serve(connection):
    threading.Thread(target=reply, args=(connection,), daemon=True).start()


def reply(connection):
    with connection:
        time.sleep(HOLD_S)
        connection.sendall(b".")


# ANCHOR: again
def again(listener):
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            continue
        serve(connection)
# ANCHOR_END: again


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        time.sleep(HOLD_S)
        self.request.sendall(b".")


def by_socketserver(listener):
    server = socketserver.ThreadingTCPServer(
        listener.getsockname(), Handler, bind_and_activate=False)
    server.daemon_threads = True
    server.socket.close()
    server.socket = listener
    server.serve_forever()


# ANCHOR: right
def workers(listener):
    def accepts():
        while True:
            connection, _ = listener.accept()
            reply(connection)  # who is busy accepts nobody

    for _ in range(PLACES):
        threading.Thread(target=accepts, daemon=True).start()


async def places(listener):
    loop = asyncio.get_running_loop()
    room = asyncio.Semaphore(PLACES)

    async def answer(connection):
        with connection:
            await asyncio.sleep(HOLD_S)
            await loop.sock_sendall(connection, b".")
        room.release()

    tasks = set()
    while True:
        await room.acquire()
        connection, _ = await loop.sock_accept(listener)
        task = loop.create_task(answer(connection))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
# ANCHOR_END: right


async def streams(listener):
    async def answer(reader, writer):
        await asyncio.sleep(HOLD_S)
        writer.write(b".")
        writer.close()

    async with await asyncio.start_server(answer, sock=listener) as server:
        await server.serve_forever()


def on_asyncio(work):
    def run(listener):
        listener.setblocking(False)
        asyncio.run(work(listener))

    return run


WAYS = [
    ("again", "tries again at once", "thread", again),
    ("socketserver", "ThreadingTCPServer", "thread", by_socketserver),
    ("workers", "36 threads that accept", "thread", workers),
    ("asyncio", "asyncio.start_server", "task", on_asyncio(streams)),
    ("asyncio_places", "asyncio, a place first", "task", on_asyncio(places)),
]


if __name__ == "__main__":
    sys.exit(main())
