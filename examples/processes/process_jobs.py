"""Jobs for a pool: many small ones, ones that carry data, and one that takes
too long.

Run:  python examples/processes/process_jobs.py
See:  column `each`: with a chunksize a small job costs a fraction of what it
      costs alone. A mebibyte that a job carries is pickled, piped, unpickled;
      what lay there before the fork, or in shared memory, is not. Whoever stops
      waiting has not stopped the job: that takes the end of its process.

Processes are forked. Needs a Unix and Python 3.9; kill_workers is there since
3.14.
"""

import multiprocessing
import os
import sys
import time
from concurrent import futures
from multiprocessing import shared_memory

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.pools import have_all_threads

JOBS = 1000
STEPS = 10
CHUNK = 100
BIG = 16
MIB = 1 << 20
LONG = 0.200
PATIENCE = 0.050
CONTEXT = multiprocessing.get_context("fork")
DONE = CONTEXT.Value("i", 0)
DATA = [bytes(range(256)) * (MIB // 256) for _ in range(BIG)]


def main():
    experiment = lab.Experiment(
        "process_jobs", "What does a job cost beside its work?")
    experiment.case("many", "1 000 jobs of ten steps")
    experiment.variant("alone", "sequential", "in turn", sequential)
    experiment.variant("process", "process_pool", "ProcessPoolExecutor",
                       lambda run: by_executor(run, 1))
    experiment.variant("process", "process_pool_chunks", "by chunks of 100",
                       lambda run: by_executor(run, CHUNK))
    experiment.variant("process", "mp_pool", "multiprocessing.Pool, by 1",
                       lambda run: by_pool(run, 1))
    experiment.variant("process", "mp_pool_chunks", "its own chunks",
                       lambda run: by_pool(run, None))
    experiment.case("data", "16 jobs of 1 MiB")
    experiment.variant(
        "alone", "sequential", "in turn",
        lambda run: timed(run, BIG, lambda: sum(map(glance, DATA))))
    experiment.variant("thread", "thread_pool", "threads", in_threads)
    experiment.variant("process", "process_pool", "as an argument",
                       lambda run: with_data(run, glance, DATA))
    experiment.variant("process", "forked", "there before the fork",
                       lambda run: with_data(run, glance_at, range(BIG)))
    experiment.variant("process", "shared", "shared_memory", by_name)
    experiment.case("timeout", "a job of 200 ms, waited for 50 ms")
    experiment.observed()
    experiment.variant("process", "result", "result(timeout)", by_result)
    experiment.variant("process", "mp_terminate", "Pool.terminate",
                       by_terminate)
    if hasattr(futures.ProcessPoolExecutor, "kill_workers"):
        experiment.variant("process", "kill_workers", "kill_workers",
                           by_kill_workers)
    return experiment.run()


def timed(run, jobs, work):
    run.start_clock()
    answer = work()
    run.stop_clock()
    run.metric("each_us", run.elapsed() * 1e6 / jobs)
    return answer


def chain(i):
    x = i + 1
    for _ in range(STEPS):
        x = x * 48271 % 0x7fffffff
    return x


def sequential(run):
    return timed(run, JOBS, lambda: sum(map(chain, range(JOBS))))


# ANCHOR: chunks
def by_executor(run, chunk):
    run.elsewhere()
    with futures.ProcessPoolExecutor(run.threads, mp_context=CONTEXT) as pool:
        list(pool.map(chain, range(10)))  # now all of them are there
        return timed(run, JOBS, lambda: sum(
            pool.map(chain, range(JOBS), chunksize=chunk)))
# ANCHOR_END: chunks


def by_pool(run, chunk):
    run.elsewhere()
    with CONTEXT.Pool(run.threads) as pool:
        pool.map(chain, range(10))
        return timed(run, JOBS, lambda: sum(
            pool.map(chain, range(JOBS), chunksize=chunk)))


def glance(data):
    """Next to no work: what a job costs is what it carries."""
    return sum(data[::4097])


def glance_at(n):
    return glance(DATA[n])


def in_threads(run):
    with futures.ThreadPoolExecutor(run.threads) as pool:
        have_all_threads(pool, run)
        return timed(run, BIG, lambda: sum(pool.map(glance, DATA)))


def with_data(run, work, jobs):
    run.elsewhere()
    with futures.ProcessPoolExecutor(run.threads, mp_context=CONTEXT) as pool:
        list(pool.map(chain, range(10)))
        return timed(run, BIG, lambda: sum(pool.map(work, jobs)))


def by_name(run):
    """All of it in one block, which the workers open by its name; what it takes
    to put it there counts."""
    run.elsewhere()
    block = shared_memory.SharedMemory(create=True, size=BIG * MIB)
    try:
        with futures.ProcessPoolExecutor(
                run.threads, mp_context=CONTEXT) as pool:
            list(pool.map(chain, range(10)))

            def work():
                for n in range(BIG):
                    block.buf[n * MIB:(n + 1) * MIB] = DATA[n]
                jobs = [(block.name, n) for n in range(BIG)]
                return sum(pool.map(glance_into, jobs))

            return timed(run, BIG, work)
    finally:
        block.close()
        block.unlink()


def glance_into(job):
    name, n = job
    block = shared_memory.SharedMemory(name)
    try:
        with block.buf[n * MIB:(n + 1) * MIB] as data:
            return glance(data)
    finally:
        block.close()


# ANCHOR: timeout
def by_result(run):
    with futures.ProcessPoolExecutor(1, mp_context=CONTEXT) as pool:
        return too_long(run, pool, lambda: None)


def by_kill_workers(run):
    with futures.ProcessPoolExecutor(1, mp_context=CONTEXT) as pool:
        return too_long(run, pool, pool.kill_workers)


def too_long(run, pool, end):
    begin(run)
    began = lab.clock()
    job = pool.submit(takes_long)
    try:
        job.result(timeout=PATIENCE)
    except futures.TimeoutError:
        run.metric("gave_up_ms", (lab.clock() - began) * 1e3)
    canceled = job.cancel()  # it runs already
    end()
    pool.shutdown()  # waits for the job, if it goes on
    run.metric("over_ms", (lab.clock() - began) * 1e3)
    return told(run, "canceled" if canceled else "not canceled")
# ANCHOR_END: timeout


def by_terminate(run):
    begin(run)
    with CONTEXT.Pool(1) as pool:
        began = lab.clock()
        job = pool.apply_async(takes_long)
        try:
            job.get(timeout=PATIENCE)
        except multiprocessing.TimeoutError:
            run.metric("gave_up_ms", (lab.clock() - began) * 1e3)
        pool.terminate()
        pool.join()
        run.metric("over_ms", (lab.clock() - began) * 1e3)
    return told(run, "terminated")


def begin(run):
    run.elsewhere()
    DONE.value = 0


def takes_long():
    time.sleep(LONG)
    DONE.value = 1


def told(run, how):
    run.metric("done", DONE.value)
    return "TimeoutError; %s; the job was %s" % (
        how, "done" if DONE.value else "not done")


if __name__ == "__main__":
    sys.exit(main())
