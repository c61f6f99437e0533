"""Twenty requests of 50 ms in asyncio's tasks, by libraries that know of tasks
and by libraries that do not.

Run:  python examples/event_loop/loop_libraries.py
See:  requests in tasks take as long as one after another, and nobody complains.
      Sent to threads they overlap, and so do aiohttp's.

Needs Python 3.9, and for all variants the packages `requests` and `aiohttp`
(`cargo book python`); without them theirs are left out. The server is the Rust
example's; it needs cargo, or LAB_EXAMPLE=target/debug/examples/loop_libraries.
"""

import asyncio
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "lab", "python"))
import lab
from common import asking

requests = asking.having("requests")
aiohttp = asking.having("aiohttp")

REQUESTS = 20
QUERY = "delay_ms=50"


def main():
    server = lab.Server("loop_libraries", "serve")

    def ask(work):
        return asking.under_the_clock(server, QUERY, work)

    experiment = lab.Experiment(
        "loop_libraries", "What becomes of a blocking library in a task?")
    experiment.variant("alone", "sequential", "sockets, one by one",
                       ask(sequential))
    experiment.variant("task", "sockets_in_tasks", "blocking sockets in tasks",
                       ask(lambda run, site: in_tasks(run, site, blocking)))
    experiment.variant("task", "to_thread", "the same, by to_thread",
                       ask(lambda run, site: in_tasks(run, site, threaded)))
    experiment.variant("task", "streams", "asyncio's streams in tasks",
                       ask(lambda run, site: in_tasks(
                           run, site, asking.fetch_stream)))
    if requests:
        experiment.variant(
            "task", "requests_in_tasks", "requests in tasks",
            ask(lambda run, site: in_tasks(run, site, with_requests)))
        experiment.variant(
            "task", "requests_to_thread", "requests, by to_thread",
            ask(lambda run, site: in_tasks(run, site, with_requests_threaded)))
    if aiohttp:
        experiment.variant("task", "aiohttp", "aiohttp in tasks",
                           ask(lambda run, site: asyncio.run(
                               with_aiohttp(run, site))))
    return experiment.run()


def sequential(run, site):
    return sum(asking.fetch(site, n) for n in range(REQUESTS))


# ANCHOR: in_tasks
def in_tasks(run, site, fetch):
    async def all_of_them():
        return sum(await asyncio.gather(
            *(fetch(site, n) for n in range(REQUESTS))))

    return asking.in_loop(run, all_of_them())


async def with_requests(site, n):
    # It runs, and it answers. It only forgets to take turns.
    return int(requests.get(site.url(n)).text)


async def with_requests_threaded(site, n):
    response = await asyncio.to_thread(requests.get, site.url(n))
    return int(response.text)
# ANCHOR_END: in_tasks


async def blocking(site, n):
    return asking.fetch(site, n)


async def threaded(site, n):
    return await asyncio.to_thread(asking.fetch, site, n)


async def with_aiohttp(run, site):
    async with aiohttp.ClientSession() as session:
        run.start_clock()

        async def fetch(n):
            async with session.get(site.url(n)) as response:
                return int(await response.text())

        return sum(await asyncio.gather(*map(fetch, range(REQUESTS))))


if __name__ == "__main__":
    sys.exit(main())
