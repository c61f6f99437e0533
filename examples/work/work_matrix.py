"""Each model and each kind of work: what does it gain?

Run:  python examples/work/work_matrix.py
See:  for `cpu`, processes gain and tasks do not; threads gain only where no
      global lock is on (3.13t, 3.14t). For `io`, threads and tasks wait for
      all sixteen answers at once, processes for as many as there are of them.

CPython 3.7 or later. Pools and the loop are there before the clock starts. The
server is the Rust example's, in a process of its own on 127.0.0.1. It needs
cargo, or LAB_EXAMPLE=target/debug/examples/work_matrix once it is built.
"""

import asyncio
import functools
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.ask import ask, chain, request, squares

PIECES = 16
STEPS = 150000
DELAY_MS = 20


def main():
    server = lab.Server("work_matrix")
    experiment = lab.Experiment(
        "work_matrix", "What does each model gain for each kind of work?")
    for case, label in [("cpu", "16 pieces of computing"),
                        ("io", "16 questions, 20 ms each")]:
        def variant(kind, name, label, how, case=case):
            def work(run):
                address = server.address if case == "io" else None
                run.start_clock()
                return how(run, address)
            experiment.variant(kind, name, label, work)

        experiment.case(case, label)
        variant("alone", "sequential", "one by one", sequential)
        variant("thread", "threads", "ThreadPoolExecutor, 16", threads)
        variant("process", "processes", "ProcessPoolExecutor, one per core",
                processes)
        variant("task", "tasks", "asyncio, 16 tasks", tasks)
    return experiment.run()


def piece(server, n):
    if server is None:
        return chain(n, STEPS)
    return ask(server, n, DELAY_MS)


# ANCHOR: models
def sequential(run, server):
    return sum(piece(server, n) for n in range(PIECES))


def threads(run, server):
    return pooled(run, server, ThreadPoolExecutor, PIECES)


def processes(run, server):
    run.elsewhere()
    return pooled(run, server, ProcessPoolExecutor, run.threads)


def pooled(run, server, executor, workers):
    with executor(workers) as pool:
        # Time for all workers to start.
        list(pool.map(time.sleep, [0.05] * workers))
        run.start_clock()
        total = sum(pool.map(functools.partial(piece, server), range(PIECES)))
        run.stop_clock()
    return total


def tasks(run, server):
    pieces = (async_piece(server, n) for n in range(PIECES))
    return asyncio.run(gathered(run, pieces))


async def async_piece(server, n):
    if server is None:
        return chain(n, STEPS)
    reader, writer = await asyncio.open_connection(*server)
    writer.write(request(n, DELAY_MS))
    # The thread goes on with other tasks until there is an answer.
    response = await reader.read()
    writer.close()
    return squares(response)[0]
# ANCHOR_END: models


async def gathered(run, pieces):
    run.start_clock()  # the loop is there
    total = sum(await asyncio.gather(*pieces))
    run.stop_clock()
    return total


if __name__ == "__main__":
    sys.exit(main())
