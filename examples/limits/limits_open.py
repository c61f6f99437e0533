"""Two hundred requests in tasks, by a process that may open 64 files. How many
are answered?

Run:  python examples/limits/limits_open.py
See:  all at once, as many as there are files left, and the others fail at once:
      `[Errno 24] Too many open files`. With a semaphore all are answered.

Each way is a child process, which has set its limit for itself. The server is
the Rust example's. Linux only.
"""

import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common import own

FILES = 64
REQUESTS = 200
IN_FLIGHT = 50  # with room for what a program has open besides


def main():
    experiment = lab.Experiment(
        "limits_open", "More requests than files: how many are answered?",
        baseline="at_once")
    experiment.observed()
    server = lab.Server("limits_open")
    for name, says in [("at_once", "a task for each"),
                       ("semaphore", "the same, 50 at a time")]:
        experiment.variant("task", name, says, lambda run, name=name:
                           lab.take_over(run, "ask", (name,) + server.address))
    experiment.child("ask", lambda args: child(*args))
    return experiment.run()


def child(name, host, port):
    own.files(FILES)
    ways = {"at_once": at_once, "semaphore": semaphore}
    answers = asyncio.run(ways[name](host, int(port)))
    failed = [answer for answer in answers if answer is not None]
    print("answered %d" % (len(answers) - len(failed)))
    said = own.named(failed[0]) if failed else "all are answered"
    print("answer " + said)


# ANCHOR: ways
async def at_once(host, port):
    requests = [request(host, port) for _ in range(REQUESTS)]
    return await asyncio.gather(*requests, return_exceptions=True)


async def semaphore(host, port):
    places = asyncio.Semaphore(IN_FLIGHT)

    async def one():
        async with places:  # before the socket is made
            await request(host, port)

    requests = [one() for _ in range(REQUESTS)]
    return await asyncio.gather(*requests, return_exceptions=True)
# ANCHOR_END: ways


async def request(host, port):
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"GET /7?delay_ms=20 HTTP/1.1\r\n\r\n")
    reply = await reader.read()
    writer.close()
    await writer.wait_closed()
    if not reply.endswith(b"49"):
        raise lab.Failure("the server says %r" % reply)


if __name__ == "__main__":
    sys.exit(main())
