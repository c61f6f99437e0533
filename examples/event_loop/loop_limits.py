"""The same hundred URLs, with a limit of requests open at once: is it the
model that makes the time, or the limit?

Run:  python examples/event_loop/loop_limits.py
See:  up to a limit of twenty, threads and tasks on one line, a hundred URLs
      divided by the limit and rounded up, times 200 ms; at a hundred,
      `requests` takes longer than `aiohttp`. With delays that differ and are
      200 ms on average, neither ends before the slowest reply. `--quick` leaves
      out what takes long.

Needs Python 3.7, and for what is said here the packages `requests` and
`aiohttp` (`cargo book python`). A variant whose package is missing is left out.
The server is the Rust example's; it needs cargo, or
LAB_EXAMPLE=target/debug/examples/loop_limits.
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
EQUAL = "delay_ms=200"
VARYING = "mean_ms=200"
LIMITS = (10, 14, 15, 20, 50, 100)


def main():
    server = lab.Server("loop_limits", "serve")
    experiment = lab.Experiment(
        "loop_limits",
        "As many requests open at once: do threads or tasks matter then?",
        baseline="in_threads")
    for limit in LIMITS:
        def ask(work, query=EQUAL, limit=limit):
            return asking.under_the_clock(
                server, query, lambda run, site: work(run, site, limit))

        experiment.case(str(limit), "requests open at once")
        if requests:
            experiment.variant("thread", "in_threads", "requests, threads",
                               ask(threads), slow=limit < 20)
        if aiohttp:
            experiment.variant("task", "in_tasks", "aiohttp, tasks", ask(tasks),
                               slow=limit < 20)
        if requests and limit >= 20:
            experiment.variant("thread", "in_threads_varying",
                               "requests, delays differ",
                               ask(threads, VARYING))
        if aiohttp and limit >= 20:
            experiment.variant("task", "in_tasks_varying",
                               "aiohttp, delays differ", ask(tasks, VARYING))
    # Without any package there is still something to see.
    if not experiment.variants:
        experiment.variant(
            "thread", "bare", "sockets, threads",
            ask(lambda run, site, limit: asking.pool(
                run, limit, URLS, lambda n: asking.fetch(site, n))))
    return experiment.run()


def threads(run, site, limit):
    return asking.sessions(run, site, URLS, limit, requests.Session)


def tasks(run, site, limit):
    async def fetch_all():
        connector = aiohttp.TCPConnector(limit=limit)
        async with aiohttp.ClientSession(connector=connector) as session:
            run.start_clock()

            async def fetch(n):
                async with session.get(site.url(n)) as response:
                    return int(await response.text())

            return sum(await asyncio.gather(*map(fetch, range(URLS))))

    return asyncio.run(fetch_all())


if __name__ == "__main__":
    sys.exit(main())
