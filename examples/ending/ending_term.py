"""SIGTERM with a hundred requests in flight: who is answered?

Run:  python examples/ending/ending_term.py
See:  by default nobody, and the program ends at once. Threads go on when main
      returns, and hold the program as long as a client stays, unless they are
      daemons; then nobody is answered. asyncio.run cancels its tasks. A program
      that stops taking and finishes what is begun answers all, as soon as they
      are done; where some take too long it answers the others, and ends at its
      deadline. Workers of a parent that is told alone answer all and stay.

Each server is a child process. A request takes 150 ms. Ten more clients are
connected and ask nothing; they hang up after 500 ms.
"""

import asyncio
import os
import signal
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common import talk
from common.crowd import (Server, announce, ask, begin, begun, ends_by,
                          is_answered, listener)
from common.door import Bell, Door

REQUESTS = 100  # are in flight
IDLE = 10  # clients ask nothing
WORK_MS = 150
TOO_LONG_MS = 10000  # one in ten of some takes so long
DEADLINE_S = 0.3  # what has not ended after this time is dropped
PATIENCE_S = 0.5  # so long an idle client stays
MOMENT_S = 0.05  # it may take those who were told at the same time
WORKERS = 4

NAIVE = "naive", "the default action"
HANDLED = "handled", "main hears of it, and returns"
DAEMON = "daemon", "the same, the threads are daemons"
GRACEFUL = "graceful", "stops, finishes what is begun"
SLOW = "slow", "the same, one in ten takes 10 s"
UNTOLD = "untold", "the same, idle clients are waited for"


def main():
    experiment = lab.Experiment(
        "ending_term",
        "SIGTERM with 100 requests in flight: who is answered?",
        baseline="naive")
    experiment.observed()
    cases = [("threads", "a thread for each", "thread",
              [NAIVE, HANDLED, DAEMON, GRACEFUL, SLOW]),
             ("tasks", "a task for each", "task",
              [NAIVE, HANDLED, GRACEFUL, SLOW, UNTOLD])]
    if hasattr(os, "fork"):
        cases.append(
            ("processes", "four processes", "process",
             [("naive", "the default action, the parent is told"),
              ("group", "the default action, all are told"),
              GRACEFUL, SLOW]))
    for case, says, kind, ways in cases:
        experiment.case(case, says)
        for way, label in ways:
            experiment.variant(
                kind, way, label,
                lambda run, case=case, way=way: told(run, case, way))
    experiment.child("serve", serve)
    return experiment.run()


def told(run, case, way):
    run.elsewhere()
    server = Server(case, way)
    try:
        idle = [socket.create_connection(server.address) for _ in range(IDLE)]
        requests = [
            ask(server.address,
                TOO_LONG_MS if way == "slow" and i % 10 == 0 else WORK_MS)
            for i in range(REQUESTS)]
        for request in requests:
            begun(request)

        run.start_clock()
        then = lab.clock() + PATIENCE_S
        if way == "group":
            server.tell_group()
        else:
            server.tell()
        is_over = ends_by(server.child, then)
        for client in idle:
            client.close()
        if not is_over:
            server.ends()
        run.stop_clock()

        run.metric("exit_ms", run.elapsed() * 1e3)
        answered = sum([is_answered(request) for request in requests])
        run.metric("answered", answered)
        run.metric("dropped", REQUESTS - answered)
        if case == "processes":
            run.metric("stays", stays(server.address))
    finally:
        server.clear_up()
    return "%d of %d answered" % (answered, REQUESTS)


def stays(address):
    """Whether somebody is still there, though who was told is gone."""
    time.sleep(MOMENT_S)
    try:
        socket.create_connection(address).close()
    except OSError:
        return False
    return True


def serve(args):
    case, way = args
    begin()
    if case == "tasks":
        try:
            asyncio.run(tasks(way))
        except asyncio.CancelledError:
            pass  # main was canceled
        return
    made = listener()
    if case == "threads":
        threads(made, way, lambda: announce(made.getsockname()))
    else:
        processes(made, way)


def threads(made, way, ready):
    if way in ("naive", "group"):
        ready()
        take_all(made, daemon=True)
    elif way in ("handled", "daemon"):
        bell = Bell()
        threading.Thread(target=take_all, args=(made, way == "daemon"),
                         daemon=True).start()
        ready()
        bell.wait()
    else:
        door = Door(made, Bell())
        ready()
        in_order(door)


def take_all(made, daemon):
    never = threading.Event()
    while True:
        connection, _ = made.accept()
        threading.Thread(target=talk.of_thread, args=(connection, never),
                         daemon=daemon).start()


# ANCHOR: threads
def in_order(door):
    closing, open_ = threading.Event(), []
    for connection in iter(door.next, None):
        # Nobody waits for a daemon, so that the deadline holds.
        thread = threading.Thread(target=talk.of_thread,
                                  args=(connection, closing), daemon=True)
        thread.start()
        open_.append(thread)
    closing.set()  # who has not asked yet may go
    door.close()  # who comes now is refused
    then = lab.clock() + DEADLINE_S
    for thread in open_:
        thread.join(max(then - lab.clock(), 0))
# ANCHOR_END: threads


# ANCHOR: tasks
async def tasks(way):
    open_, idle = set(), set()

    async def one(reader, writer):
        task = asyncio.current_task()
        open_.add(task)
        task.add_done_callback(open_.discard)
        await talk.of_task(reader, writer, idle)

    made = listener()
    server = await asyncio.start_server(
        one, sock=made, backlog=128)
    closing, loop = asyncio.Event(), asyncio.get_running_loop()
    if way == "handled":
        main_task = asyncio.current_task()
        loop.add_signal_handler(signal.SIGTERM, main_task.cancel)
    elif way != "naive":
        loop.add_signal_handler(signal.SIGTERM, closing.set)
    announce(made.getsockname())
    await closing.wait()

    server.close()  # who comes now is refused
    if way != "untold":
        for task in idle:
            task.cancel()
    if open_:
        # What has not ended by then, asyncio.run cancels.
        await asyncio.wait(open_, timeout=DEADLINE_S)
# ANCHOR_END: tasks


# ANCHOR: processes
def processes(made, way):
    ready, says_ready = os.pipe()
    workers = []
    for _ in range(WORKERS):
        pid = os.fork()
        if pid == 0:
            try:
                begin()
                threads(made, way, lambda: os.write(says_ready, b"."))
            finally:
                os._exit(0)
        workers.append(pid)
    for _ in workers:
        os.read(ready, 1)
    bell = Bell() if way in ("graceful", "slow") else None
    address = made.getsockname()
    made.close()  # the workers have it
    announce(address)
    if bell is not None:
        bell.wait()
        # The signal is for the parent. It has to pass it on.
        for pid in workers:
            os.kill(pid, signal.SIGTERM)
    for pid in workers:
        os.waitpid(pid, 0)
# ANCHOR_END: processes


if __name__ == "__main__":
    sys.exit(main())
