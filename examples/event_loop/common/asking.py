"""What the peers of these chapters share: the same small HTTP client twice, in
threads and in asyncio's tasks. A real client would look at the headers; these
know their server.

Needs Python 3.7 or later.
"""

import asyncio
import importlib
import os
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from lab_start import Gate

# The server has several addresses, where the system does.
HOSTS = 8 if sys.platform.startswith("linux") else 1
# No proxy stands between us and ourselves.
os.environ["no_proxy"] = os.environ["NO_PROXY"] = "*"


class Site:
    """What to ask whom."""

    def __init__(self, address, query):
        self.port = address[1]
        self.query = query

    def host(self, n):
        return "127.0.0.%d" % (1 + n % HOSTS)

    def url(self, n):
        return "http://%s:%d/%d?%s" % (self.host(n), self.port, n, self.query)

    def request(self, n):
        return ("GET /%d?%s HTTP/1.1\r\nhost: localhost\r\n\r\n"
                % (n, self.query)).encode("ascii")

    def peak(self):
        """The most requests that the server had open at once, since it was
        last asked."""
        with socket.create_connection((self.host(0), self.port)) as connection:
            connection.sendall(b"GET /peak HTTP/1.1\r\n\r\n")
            return read_answer(connection)


def under_the_clock(server, query, work):
    """A variant that has `work(run, site)` done by asking the server."""
    def variant(run):
        site = Site(server.address, query)
        run.start_clock()
        return work(run, site)
    return variant


def in_loop(run, work):
    """Runs a coroutine; the loop is there before the clock starts."""
    async def timed():
        run.start_clock()
        answer = await work
        run.stop_clock()
        return answer
    return asyncio.run(timed())


def having(module):
    """A package that need not be there; None where it is not."""
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


# ANCHOR: fetch
def fetch(site, n):
    """On a thread: each call keeps the thread until the kernel is done."""
    with socket.create_connection((site.host(n), site.port)) as connection:
        connection.sendall(site.request(n))
        return read_answer(connection)


async def fetch_stream(site, n):
    """In a task: at each await the thread may turn to another task."""
    reader, writer = await asyncio.open_connection(site.host(n), site.port)
    writer.write(site.request(n))
    response = await reader.read()
    writer.close()
    return answer(response)
# ANCHOR_END: fetch


def read_answer(connection):
    response = b""
    while True:
        received = connection.recv(4096)
        if not received:
            return answer(response)
        response += received


def answer(response):
    return int(response.rpartition(b"\r\n\r\n")[2])


def threads(site, count):
    """A thread for each request, made for it; returns the sum of the
    answers."""
    answers = [None] * count

    def work(n):
        answers[n] = fetch(site, n)

    all_threads = [threading.Thread(target=work, args=(n,))
                   for n in range(count)]
    for thread in all_threads:
        thread.start()
    for thread in all_threads:
        thread.join()
    return sum(answers)


async def tasks(site, count):
    """A task for each request."""
    return sum(await asyncio.gather(
        *(fetch_stream(site, n) for n in range(count))))


async def task_workers(site, count, size):
    """`size` tasks; whichever is free takes the next number, as the threads
    of `pool` do."""
    numbers = iter(range(count))

    async def work():
        return sum([await fetch_stream(site, n) for n in numbers])

    return sum(await asyncio.gather(*(work() for _ in range(size))))


def sessions(run, site, count, size, new_session):
    """A pool whose threads have a session of `requests` each, as aiohttp's
    tasks share one. Sessions are there before the clock starts, too."""
    own = threading.local()

    def prepare():
        own.session = new_session()

    return pool(run, size, count,
                lambda n: int(own.session.get(site.url(n)).text), prepare)


def pool(run, size, count, work, prepare=None):
    """`size` threads; whichever is free takes the next number. All of them are
    there, and have done what they `prepare`, before the clock starts."""
    with ThreadPoolExecutor(size, initializer=prepare) as executor:
        list(executor.map(lambda gate: gate.wait(), [Gate(size)] * size))
        run.start_clock()
        total = sum(executor.map(work, range(count)))
        run.stop_clock()
    return total
