"""How large is a suspended generator or coroutine?

Run:  python examples/cooperative/coop_size.py
See:  some hundreds of bytes, and a kilobyte more where a kilobyte is in use
      after the await. One that was deleted by then is not kept.

The memory is what tracemalloc counts for a thousand of them that have run up
to their first await.
"""

import os
import sys
import tracemalloc

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

MANY = 1000


def main():
    experiment = lab.Experiment(
        "coop_size", "How large is a suspended task?", baseline="lunch")
    experiment.case("lunch", "three numbers and a reference")
    experiment.variant("task", "function", "async def",
                       lambda run: finish(run, lambda: lunch(4, [])))
    experiment.variant("task", "generator", "a generator",
                       lambda run: finish(run, lambda: by_yield(4, [])))
    experiment.case("dough", "a kilobyte")
    experiment.variant("task", "across", "needed after the await",
                       lambda run: finish(run, lambda: across(2)))
    experiment.variant("task", "before", "gone before the await",
                       lambda run: finish(run, lambda: before(2)))
    return experiment.run()


class YieldNow(object):
    def __await__(self):
        yield


async def lunch(guests, log):
    soup = 3 * guests
    log.append("soup")
    await YieldNow()
    both = soup + 9 * guests
    log.append("main dish")
    await YieldNow()
    log.append("bill")
    return both + 1


def by_yield(guests, log):
    soup = 3 * guests
    log.append("soup")
    yield
    both = soup + 9 * guests
    log.append("main dish")
    yield
    log.append("bill")
    return both + 1


async def across(seed):
    dough = bytes([seed]) * 1024
    before = sum(dough)
    await YieldNow()
    return before + sum(dough)


async def before(seed):
    dough = bytes([seed]) * 1024
    before = 2 * sum(dough)
    del dough
    await YieldNow()
    return before


def finish(run, begin):
    tracemalloc.start()
    suspended = [None] * MANY
    empty = tracemalloc.get_traced_memory()[0]
    for i in range(MANY):
        suspended[i] = begin()
        suspended[i].send(None)  # runs up to the first await
    kept = tracemalloc.get_traced_memory()[0] - empty
    tracemalloc.stop()
    run.metric("kept_bytes", kept / MANY)
    return {answer(flow) for flow in suspended}.pop()


def answer(flow):
    while True:
        try:
            flow.send(None)
        except StopIteration as done:
            return done.value


if __name__ == "__main__":
    sys.exit(main())
