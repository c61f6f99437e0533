"""One job of three steps, any of which may fail: written with callbacks and
with await. Twenty such jobs at once.

Run:  python examples/cooperative/coop_callbacks.py
See:  the same answers and errors, in about the same time, some fifteen times
      faster than one job after another. Forgetting a callback in one branch
      loses four of the answers, and nobody is told.
"""

import asyncio
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.callbacks import Timers
from common.job import Failed, in_words, order, price, user

JOBS = range(20)
STEP_S = 0.005


def main():
    experiment = lab.Experiment(
        "coop_callbacks", "Does await replace callbacks?",
        baseline="one_by_one")
    experiment.variant("alone", "one_by_one", "one by one", one_by_one)
    experiment.variant("task", "callbacks", "callbacks",
                       lambda run: called_back(run, by_callbacks))
    experiment.variant("task", "await", "await", awaited)
    experiment.observed()
    experiment.variant("task", "forgotten", "one is forgotten",
                       lambda run: called_back(run, forgotten))
    return experiment.run()


def one_by_one(run):
    def by_waiting(job):
        time.sleep(STEP_S)
        found = user(job)
        time.sleep(STEP_S)
        last = order(found)
        time.sleep(STEP_S)
        return price(last)

    answers = []
    for job in JOBS:
        try:
            answers.append(by_waiting(job))
        except Failed as why:
            answers.append(why)
    return keep(run, answers)


# ANCHOR: callbacks
def by_callbacks(timers, job, done):
    def find_user():
        try:
            found = user(job)
        except Failed as why:
            done(why)
        else:
            timers.call_later(STEP_S, find_order, found)

    def find_order(found):
        try:
            last = order(found)
        except Failed as why:
            done(why)
        else:
            timers.call_later(STEP_S, find_price, last)

    def find_price(last):
        done(price(last))

    timers.call_later(STEP_S, find_user)
# ANCHOR_END: callbacks


# ANCHOR: await
async def by_await(job):
    await asyncio.sleep(STEP_S)
    found = user(job)
    await asyncio.sleep(STEP_S)
    last = order(found)
    await asyncio.sleep(STEP_S)
    return price(last)
# ANCHOR_END: await


# ANCHOR: forgotten
def forgotten(timers, job, done):
    """WRONG: one of the branches calls nobody."""
    def find_user():
        try:
            found = user(job)
        except Failed:
            return  # and `done` is never called
        timers.call_later(STEP_S, find_order, found)

    def find_order(found):
        try:
            last = order(found)
        except Failed as why:
            done(why)
        else:
            timers.call_later(STEP_S, find_price, last)

    def find_price(last):
        done(price(last))

    timers.call_later(STEP_S, find_user)
# ANCHOR_END: forgotten


def called_back(run, start):
    timers, answers = Timers(), []
    for job in JOBS:
        start(timers, job, answers.append)
    timers.loop.run_forever()
    timers.loop.close()
    return keep(run, answers)


def awaited(run):
    async def all_at_once():
        return await asyncio.gather(*[by_await(job) for job in JOBS],
                                    return_exceptions=True)

    return keep(run, asyncio.run(all_at_once()))


def keep(run, answers):
    run.stop_clock()
    run.metric("answered", len(answers))
    return in_words(answers)


if __name__ == "__main__":
    sys.exit(main())
