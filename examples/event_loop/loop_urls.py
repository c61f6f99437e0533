"""A hundred URLs, each of which takes 200 ms: the headline of many an article.

Run:  python examples/event_loop/loop_urls.py
See:  20 s one by one, five waits with 20 threads, less than two waits
      with a hundred threads or with tasks. `--quick` leaves the 20 s out.

Needs Python 3.7, and for all variants the packages `requests` and `aiohttp`
(`cargo book python`); without them theirs are left out. The server is the Rust
example's; it needs cargo, or LAB_EXAMPLE=target/debug/examples/loop_urls.
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

URLS = 100
QUERY = "delay_ms=200"


def main():
    server = lab.Server("loop_urls", "serve")

    def ask(work):
        return asking.under_the_clock(server, QUERY, work)

    experiment = lab.Experiment(
        "loop_urls", "100 URLs of 200 ms each: how fast can they be fetched?")
    if requests:
        experiment.variant("alone", "sequential", "requests, one by one",
                           ask(sequential), slow=True)
        for size in (20, 100):
            experiment.variant(
                "thread", "threads_%d" % size, "requests, %d threads" % size,
                ask(lambda run, site, size=size: with_requests(
                    run, site, size)))
        experiment.variant("thread", "sessions_100",
                           "requests, 100 threads with a session each",
                           ask(with_sessions))
    if aiohttp:
        experiment.variant("task", "aiohttp", "aiohttp, tasks",
                           ask(lambda run, site: asyncio.run(
                               with_aiohttp(run, site))))
    experiment.variant("thread", "bare_threads", "sockets, 100 threads",
                       ask(lambda run, site: asking.pool(
                           run, URLS, URLS,
                           lambda n: asking.fetch(site, n))))
    experiment.variant(
        "task", "bare_asyncio", "asyncio's streams, tasks",
        ask(lambda run, site: asking.in_loop(run, asking.tasks(site, URLS))))
    return experiment.run()


# ANCHOR: variants
def sequential(run, site):
    return sum(get(site.url(n)) for n in range(URLS))


def with_requests(run, site, threads):
    return asking.pool(run, threads, URLS, lambda n: get(site.url(n)))


def get(url):
    return int(requests.get(url).text)  # by a session of its own, each time


def with_sessions(run, site):
    # Each of a hundred threads has a session before the clock starts.
    return asking.sessions(run, site, URLS, URLS, requests.Session)


async def with_aiohttp(run, site):
    # Its connector opens 100 connections at once unless told otherwise.
    async with aiohttp.ClientSession() as session:
        run.start_clock()  # loop and client are there, as are threads

        async def fetch(url):
            async with session.get(url) as response:
                return int(await response.text())

        return sum(await asyncio.gather(
            *(fetch(site.url(n)) for n in range(URLS))))
# ANCHOR_END: variants


if __name__ == "__main__":
    sys.exit(main())
