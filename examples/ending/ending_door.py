"""SIGTERM with clients in line: what becomes of those whom nobody has let in?

Run:  python examples/ending/ending_door.py
See:  to close the door resets whoever was in line, connected and with its
      request sent. To let in first who is there answers all of them, and
      refuses who comes later.

A server does one request after the other, each in 20 ms. One is begun, four are
in line when the signal comes, one comes 40 ms after it.
"""

import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common import talk
from common.crowd import (Server, announce, ask, begin, begun, is_answered,
                          listener)
from common.door import Bell, Door

IN_LINE = 4
WORK_MS = 20
LATE_S = 0.040


def main():
    experiment = lab.Experiment(
        "ending_door", "SIGTERM with clients in line: what becomes of them?",
        baseline="close")
    experiment.observed()
    for way, label in [("close", "closes the door"),
                       ("let_in", "lets in who is in line, then closes")]:
        experiment.variant("thread", way, label,
                           lambda run, way=way: told(run, way))
    experiment.child("serve", serve)
    return experiment.run()


def told(run, way):
    run.elsewhere()
    server = Server(way)
    try:
        first = ask(server.address, WORK_MS)
        begun(first)
        line = [ask(server.address, WORK_MS) for _ in range(IN_LINE)]
        run.start_clock()
        server.tell()
        time.sleep(LATE_S)
        try:
            late = ask(server.address, WORK_MS)
        except OSError:
            late = None
        server.ends()
        run.stop_clock()
        in_line = sum([is_answered(client) for client in line])
        run.metric("begun_answered", is_answered(first))
        run.metric("line_answered", in_line)
        if late is None:
            late = "refused"
        else:
            late = "answered" if is_answered(late) else "reset"
        run.metric("late_answered", late == "answered")
    finally:
        server.clear_up()
    return "%d of %d in line answered, who comes late %s" % (
        in_line, IN_LINE, late)


def serve(args):
    begin()
    made = listener()
    address = made.getsockname()
    door = Door(made, Bell())
    announce(address)
    {"close": close, "let_in": let_in}[args[0]](door)


# ANCHOR: ways
def close(door):
    for connection in iter(door.next, None):
        one(connection)
    # The kernel has let in others meanwhile, and resets them.
    door.close()


def let_in(door):
    for connection in iter(door.next, None):
        one(connection)
    line = list(iter(door.in_line, None))
    door.close()
    for connection in line:
        one(connection)
# ANCHOR_END: ways


def one(connection):
    talk.of_thread(connection, CLOSING)


CLOSING = threading.Event()
CLOSING.set()

if __name__ == "__main__":
    sys.exit(main())
