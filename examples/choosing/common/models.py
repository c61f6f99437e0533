"""The models. Each runs a job from the start of its threads, tasks or
processes to their end, and returns the sum of its answers."""

import asyncio
import multiprocessing
import sys
from concurrent import futures

from common.items import chain, item, total
from lab_os import interpreter

# A fork where there is one, as the quickest start.
METHODS = multiprocessing.get_all_start_methods()
CONTEXT = multiprocessing.get_context(
    "fork" if "fork" in METHODS and sys.platform != "darwin" else "spawn")


class Work(object):
    """A job that is about to run."""

    def __init__(self, items, half, wait_s, at_once, cores, bytes_in,
                 bytes_out):
        self.items = items
        self.half = half
        self.wait_s = wait_s
        self.at_once = at_once
        self.cores = cores
        self.bytes_out = bytes_out
        # Each its own, since what is the same is pickled once.
        self.inputs = [b"x" * bytes_in for _ in range(items)]

    @classmethod
    def of(cls, row, cores):
        """The work of a job that was drawn."""
        at_once = int(row["at_once"])
        return cls(int(row["items"]), int(row["steps"]) // 2,
                   int(row["wait_us"]) / 1e6, at_once, min(cores, at_once),
                   int(row["bytes_in"]), int(row["bytes_out"]))

    @classmethod
    def nothing(cls, cores, **changes):
        """An item with nothing to do, but for what is said."""
        nothing = dict(items=1, half=0, wait_s=0, at_once=1, cores=cores,
                       bytes_in=0, bytes_out=0)
        return cls(**dict(nothing, **changes))

    def arguments(self):
        return [(i, given, self.half, self.wait_s, self.bytes_out)
                for i, given in enumerate(self.inputs)]


def in_turn(work):
    return total(item(*arguments) for arguments in work.arguments())


def threads(work):
    return pooled(futures.ThreadPoolExecutor(work.at_once), work)


def processes(work):
    return pooled(process_pool(work), work)


def interpreters(work):
    return pooled(futures.InterpreterPoolExecutor(work.cores), work)


def pooled(pool, work):
    with pool:
        return total(pool.map(item, *zip(*work.arguments())))


def process_pool(work):
    return futures.ProcessPoolExecutor(work.cores, mp_context=CONTEXT)


async def task(i, given, half, wait_s, bytes_out):
    """One item, on a loop that does others while it waits."""
    x = chain(i + 1 + len(given), half)
    if wait_s:
        await asyncio.sleep(wait_s)
    return chain(x, half), b"x" * bytes_out


def on_a_loop(work):
    return total(asyncio.run(tasks(work.arguments(), work.at_once)))


async def tasks(arguments, at_once, one=task):
    """A task for each item that may be under way."""
    left = iter(arguments)
    answers = []

    async def flow():
        for some in left:
            answers.append(await one(*some))

    await asyncio.gather(*[flow() for _ in range(at_once)])
    return answers


# ANCHOR: to_thread
def to_thread(work):
    async def job():
        pool = futures.ThreadPoolExecutor(work.cores)
        asyncio.get_running_loop().set_default_executor(pool)
        return await tasks(work.arguments(), work.at_once, computed)

    return total(asyncio.run(job()))


async def computed(i, given, half, wait_s, bytes_out):
    """One item: the loop waits, and a thread computes."""
    x = await asyncio.to_thread(chain, i + 1 + len(given), half)
    if wait_s:
        await asyncio.sleep(wait_s)
    return await asyncio.to_thread(chain, x, half), b"x" * bytes_out
# ANCHOR_END: to_thread


# ANCHOR: shares
def processes_asyncio(work):
    return in_shares(work, loop_of)


def processes_threads(work):
    return in_shares(work, pool_of)


def in_shares(work, run_share):
    """To each process its share of the items, and of those under way."""
    arguments, workers = work.arguments(), range(work.cores)
    shares = [arguments[i::work.cores] for i in workers]
    at_once = [len(range(i, work.at_once, work.cores)) for i in workers]
    with process_pool(work) as pool:
        answers = pool.map(run_share, shares, at_once)
        return sum(total(share) for share in answers)


def loop_of(share, at_once):
    return asyncio.run(tasks(share, at_once))


def pool_of(share, at_once):
    with futures.ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(item, *zip(*share)))
# ANCHOR_END: shares


LOCKED = [
    ("alone", "py_in_turn", "in turn", in_turn),
    ("thread", "py_threads", "ThreadPoolExecutor", threads),
    ("task", "py_asyncio", "asyncio", on_a_loop),
    ("task", "py_to_thread", "asyncio, to_thread", to_thread),
    ("process", "py_processes", "ProcessPoolExecutor", processes),
    ("process", "py_processes_asyncio", "processes × asyncio",
     processes_asyncio),
    ("process", "py_processes_threads", "processes × threads",
     processes_threads)]
INTERPRETERS = [
    ("thread", "py_interpreters", "InterpreterPoolExecutor", interpreters)]
FREE = [
    ("thread", "py_free_threads", "ThreadPoolExecutor", threads),
    ("task", "py_free_to_thread", "asyncio, to_thread", to_thread)]
ONE_AT_A_TIME = ("py_in_turn", "py_threads", "py_asyncio", "py_to_thread")
ONE_ON_EACH_CORE = ("py_processes", "py_interpreters")
# Those that make a worker for each core, to be started one by one.
WORKERS = ONE_ON_EACH_CORE + ("py_processes_asyncio", "py_processes_threads")


def there_are():
    """The models that this Python has: how the lab draws it, its name, what it
    is made of, and the function."""
    if not interpreter()["gil"]:
        return FREE
    if hasattr(futures, "InterpreterPoolExecutor"):
        return LOCKED + INTERPRETERS
    return LOCKED
