"""Python's pools of processes: what a job costs beside the work, and what
becomes of it when a worker is killed in the middle.

Run:  python examples/processes/process_pool.py
See:  column `each`: a job for a pool costs about as much as starting a thread,
      and a process forevery job many times that; as many jobs are under way
      at once in both. Then a worker dies in a job: ProcessPoolExecutor gives
      up on all jobs that are not done, and multiprocessing.Pool never gives
      an answer to this one. In the last table it dies while it waits for a
      job, and multiprocessing.Pool gives no answer at all any more.

Processes are forked, where Rust's are executed. Needs a Unix and Python 3.7.
"""

import multiprocessing
import os
import sys
import tempfile
import time
from concurrent import futures

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.pools import have_all_threads

JOBS = 100
PATIENCE = 1.0
CONTEXT = multiprocessing.get_context("fork")
# Forked workers know it, too.
SKIN = os.path.join(tempfile.gettempdir(),
                    "taking-turns-%d-skin.py" % os.getpid())


def main():
    experiment = lab.Experiment(
        "process_pool",
        "What does a pool of processes cost, and what does it survive?")
    for case, label, steps in [
            ("tiny", "100 jobs with nothing to do", 1),
            ("work", "100 jobs of 30 000 steps", 30000)]:
        experiment.case(case, label)
        for kind, name, label, variant in [
                ("alone", "sequential", "in turn", sequential),
                ("thread", "thread_pool", "ThreadPoolExecutor", thread_pool),
                ("process", "process_pool", "ProcessPoolExecutor",
                 process_pool),
                ("process", "mp_pool", "multiprocessing.Pool", mp_pool),
                ("process", "process_each", "a process a job", process_each)]:
            experiment.variant(
                kind, name, label,
                lambda run, v=variant, steps=steps: v(run, steps))
    experiment.case("death", "20 jobs, and a worker dies in one of them")
    experiment.observed()
    experiment.variant("process", "process_pool", "ProcessPoolExecutor",
                       death_in_executor)
    experiment.variant("process", "mp_pool", "multiprocessing.Pool",
                       death_in_pool)
    experiment.case(
        "idle", "a worker dies that waits for a job, then 10 jobs")
    experiment.variant("process", "process_pool", "ProcessPoolExecutor",
                       idle_in_executor)
    experiment.variant("process", "mp_pool", "multiprocessing.Pool",
                       idle_in_pool)
    return experiment.run()


def sequential(run, steps):
    return timed(run, lambda: sum(chain((i, steps)) for i in range(JOBS)))


def thread_pool(run, steps):
    with futures.ThreadPoolExecutor(run.threads) as pool:
        have_all_threads(pool, run)
        return mapped(run, pool.map, steps)


def process_pool(run, steps):
    run.elsewhere()
    with futures.ProcessPoolExecutor(run.threads, mp_context=CONTEXT) as pool:
        return mapped(run, pool.map, steps)


def mp_pool(run, steps):
    run.elsewhere()
    with CONTEXT.Pool(run.threads) as pool:
        # One job at a time, as the others do.
        return mapped(run, lambda f, jobs: pool.map(f, jobs, 1), steps)


def mapped(run, pool_map, steps):
    jobs = [(i, steps) for i in range(JOBS)]
    list(pool_map(chain, jobs[:10]))  # now all of them are there
    return timed(run, lambda: sum(pool_map(chain, jobs)))


def process_each(run, steps):
    """With as many jobs under way as a pool has workers."""
    run.elsewhere()
    answers = CONTEXT.SimpleQueue()

    def all_of_them():
        total, under_way = 0, []
        for i in range(JOBS):
            if len(under_way) == run.threads:
                total += ended(under_way.pop(0), answers)
            child = CONTEXT.Process(target=tell, args=(answers, i, steps))
            child.start()
            under_way.append(child)
        return total + sum(ended(child, answers) for child in under_way)

    return timed(run, all_of_them)


def tell(answers, i, steps):
    answers.put(chain((i, steps)))


def ended(child, answers):
    """Some answer: one is there for each child that has ended as it should."""
    child.join()
    if child.exitcode != 0:
        raise lab.Failure("a job ended with " + lab.ending(child.exitcode))
    return answers.get()


# ANCHOR: death
def slippery(job):
    """Whoever steps on the skin first takes it away and slips."""
    if job == 7:
        try:
            os.remove(SKIN)
        except OSError:
            return job
        os.abort()
    return job


def death_in_executor(run):
    with futures.ProcessPoolExecutor(run.threads, mp_context=CONTEXT) as pool:
        answers = pool_of_death(run, pool.submit)
    lost = [a.exception() for a in answers if a.exception() is not None]
    there = len(answers) - len(lost)
    run.metric("answers", there)
    if there == 20:
        return "20 of 20 answers"
    return "not all answers; %s" % type(lost[0]).__name__


def death_in_pool(run):
    with CONTEXT.Pool(run.threads) as pool:
        answers = pool_of_death(
            run, lambda f, job: pool.apply_async(f, (job,)))
        there = count_ready(answers, PATIENCE)
    run.metric("answers", there)
    return "%d of 20 answers; nothing more within a second" % there
# ANCHOR_END: death


# ANCHOR: idle
def idle_in_pool(run):
    run.elsewhere()
    BUSY.value = 0
    OVER.clear()
    pool = CONTEXT.Pool(run.threads)
    pool.map(chain, [(0, 1)] * 10)
    # While one is busy, the other waits for a job, with the lock of the queue.
    busy = pool.apply_async(stay)
    until_it_is_busy()
    killed = [child for child in multiprocessing.active_children()
              if child.pid != BUSY.value][0]
    killed.kill()
    killed.join()
    OVER.set()
    busy.get(10)
    jobs = [pool.apply_async(chain, ((i, 1000),)) for i in range(10)]
    there = count_ready(jobs, PATIENCE)
    run.metric("answers", there)
    answer = "%d of 10 answers within a second" % there
    if there < 10:
        # Nobody else will do it: we let go of the lock in the dead one's name.
        pool._inqueue._rlock.release()
        answer += "; %d once the lock is free" % count_ready(jobs, 10)
    pool.close()
    pool.join()
    return answer
# ANCHOR_END: idle


BUSY, OVER = CONTEXT.Value("i", 0), CONTEXT.Event()


def stay():
    BUSY.value = os.getpid()
    OVER.wait(10)


def until_it_is_busy():
    while BUSY.value == 0:
        time.sleep(0.01)
    time.sleep(0.1)  # by now the other one waits


def count_ready(jobs, patience):
    begun = lab.clock()
    for job in jobs:
        job.wait(max(0, begun + patience - lab.clock()))
    return sum(job.ready() for job in jobs)


def idle_in_executor(run):
    run.elsewhere()
    with futures.ProcessPoolExecutor(run.threads, mp_context=CONTEXT) as pool:
        list(pool.map(chain, [(0, 1)] * 10))
        killed = multiprocessing.active_children()[0]
        killed.kill()
        killed.join()
        time.sleep(0.1)  # by now the pool knows
        try:
            jobs = [pool.submit(chain, (i, 1000)) for i in range(10)]
            there, why = len([job.result() for job in jobs]), "no error"
        except futures.process.BrokenProcessPool as broken:
            there, why = 0, type(broken).__name__
    run.metric("answers", there)
    return "%d of 10 answers; %s" % (there, why)


def pool_of_death(run, submit):
    run.elsewhere()
    lab.no_core_file()
    open(SKIN, "w").close()
    return [submit(slippery, job) for job in range(20)]


def timed(run, work):
    run.start_clock()
    began = lab.clock()
    answer = work()
    took = lab.clock() - began
    run.stop_clock()
    run.metric("each_us", took * 1e6 / JOBS)
    return answer


def chain(job):
    """The generator of Park and Miller, each step on the result of the
    last."""
    i, steps = job
    x = i + 1
    for _ in range(steps):
        x = x * 48271 % 0x7fffffff
    return x


if __name__ == "__main__":
    sys.exit(main())
