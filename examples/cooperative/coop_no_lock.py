"""Tasks read a balance, add one and write it back, with no lock. Is an update
ever lost?

Run:  python examples/cooperative/coop_no_lock.py
See:  none, as long as no await stands between reading and writing. With one
      there, nine in ten are lost; a lock held across it helps.
"""

import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

TASKS = 10
EACH = 1000


def main():
    experiment = lab.Experiment("coop_no_lock", "Do tasks need locks?",
                                baseline="no_await")
    experiment.observed()
    experiment.case("one_thread", "ten tasks on one thread")
    for name, label, task in [
            ("no_await", "no await in between", no_await),
            ("await_between", "await in between", await_between),
            ("locked", "a lock across the await", locked)]:
        experiment.variant("task", name, label,
                           lambda run, task=task: one_thread(run, task))
    return experiment.run()


class Account(object):
    def __init__(self):
        self.balance = 0
        self.lock = asyncio.Lock()


# ANCHOR: no_await
async def no_await(account):
    for _ in range(EACH):
        read = account.balance
        account.balance = read + 1  # nobody else of this loop has run
        await asyncio.sleep(0)
# ANCHOR_END: no_await


# ANCHOR: await_between
async def await_between(account):
    for _ in range(EACH):
        read = account.balance
        await asyncio.sleep(0)  # everybody else has
        account.balance = read + 1
# ANCHOR_END: await_between


async def locked(account):
    for _ in range(EACH):
        async with account.lock:
            read = account.balance
            await asyncio.sleep(0)  # others run, and wait for the lock
            account.balance = read + 1


def one_thread(run, task):
    async def ten():
        account = Account()
        await asyncio.gather(*[task(account) for _ in range(TASKS)])
        return account.balance

    counted, expected = asyncio.run(ten()), TASKS * EACH
    run.metric("lost", expected - counted)
    run.metric("lost_share", (expected - counted) / expected)
    return "%d of %d" % (counted, expected)


if __name__ == "__main__":
    sys.exit(main())
