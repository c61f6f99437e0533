"""Reading files that are in memory already: I/O that hardly waits.

Run:  python examples/event_loop/loop_files.py
See:  a plain read far ahead of one that a task waits for: asyncio has no files,
      so a thread reads, and it makes no difference that as many threads are
      there already.

Needs Python 3.9, for asyncio.to_thread.
"""

import asyncio
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "lab", "python"))
import lab
from common import asking
from lab_start import Gate

READS = 2000
BYTES = 4096
WORKERS = 20


def main():
    experiment = lab.Experiment(
        "loop_files", "Reading cached files: what do threads and tasks gain?")
    experiment.variant(
        "alone", "sequential", "open, one by one",
        with_file(lambda run, path: sum(read(path) for _ in range(READS))))
    experiment.variant(
        "thread", "threads", "open, 20 threads",
        with_file(lambda run, path: asking.pool(run, WORKERS, READS,
                                                lambda _: read(path))))
    if hasattr(asyncio, "to_thread"):
        experiment.variant("task", "one_by_one", "to_thread, one by one",
                           with_file(lambda run, path: asking.in_loop(
                               run, one_by_one(path))))
        experiment.variant("task", "asyncio", "to_thread, a task each",
                           with_file(lambda run, path: asking.in_loop(
                               run, tasks(path))))
        experiment.variant("task", "asyncio_20", "the same, 20 threads",
                           with_file(with_threads))
    return experiment.run()


# ANCHOR: reads
def read(path):
    with open(path, "rb") as file:
        return len(file.read())


async def one_by_one(path):
    total = 0
    for _ in range(READS):
        total += await asyncio.to_thread(read, path)
    return total


async def tasks(path):
    return sum(await asyncio.gather(
        *(asyncio.to_thread(read, path) for _ in range(READS))))
# ANCHOR_END: reads


def with_threads(run, path):
    """As many threads for the loop's blocking calls as the variant without a
    loop has, and they are there, too, before the clock starts."""
    async def timed():
        executor = ThreadPoolExecutor(WORKERS)
        asyncio.get_running_loop().set_default_executor(executor)
        list(executor.map(lambda gate: gate.wait(), [Gate(WORKERS)] * WORKERS))
        run.start_clock()
        answer = await tasks(path)
        run.stop_clock()
        return answer

    return asyncio.run(timed())


def with_file(work):
    def variant(run):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x" * BYTES)
            file.flush()
            run.start_clock()
            return work(run, file.name)
    return variant


if __name__ == "__main__":
    sys.exit(main())
