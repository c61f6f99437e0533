"""From what size of job on do processes, threads and a pool pay?

Run:  python examples/processes/process_break_even.py
See:  where a global lock is on, column `speed-up` stays near 1 or below it
      for threads.
      A process for each job pays only for the largest jobs; a pool of them,
      which is there already, much earlier.

A case is named by the steps of a job; a step takes some tens of nanoseconds.
There is a job for each hardware thread, and the baseline does them in turn.
Processes are forked, where the system can: the quickest way there is. For the
largest jobs the other ways stand beside it; Rust's processes are executed.
"""

import multiprocessing
import os
import sys
import threading
from concurrent import futures

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.pools import have_all_threads

STEPS = [1000, 10000, 100000, 1000000]
METHODS = multiprocessing.get_all_start_methods()
CONTEXT = multiprocessing.get_context("fork" if "fork" in METHODS else None)


def main():
    experiment = lab.Experiment(
        "process_break_even",
        "How large must a job be for another process to pay?")
    for steps in STEPS:
        experiment.case(str(steps), "steps a job")

        def add(kind, name, label, work, steps=steps):
            def variant(run):
                if kind == "process":
                    run.elsewhere()
                jobs = range(run.threads)
                return repeated(run, steps, lambda: work(jobs, steps))
            experiment.variant(kind, name, label, variant)

        add("alone", "sequential", "in turn", sequential)
        add("thread", "threads", "a thread a job", threads)
        experiment.variant(
            "thread", "thread_pool", "ThreadPoolExecutor",
            lambda run, n=steps: pool(run, n, futures.ThreadPoolExecutor(
                run.threads)))
        add("process", "processes", "a process a job", processes)
        if steps == STEPS[-1]:
            for method in METHODS:
                if method != CONTEXT.get_start_method():
                    add("process", "processes_" + method,
                        "a process a job, " + method,
                        lambda jobs, steps, method=method: processes(
                            jobs, steps, multiprocessing.get_context(method)))
        experiment.variant(
            "process", "pool", "ProcessPoolExecutor",
            lambda run, n=steps: pool(run, n, futures.ProcessPoolExecutor(
                run.threads, mp_context=CONTEXT)))
    return experiment.run()


# ANCHOR: variants
def sequential(jobs, steps):
    return sum(chain(i, steps) for i in jobs)


def threads(jobs, steps):
    answers = []
    all_of_them = [
        threading.Thread(target=lambda i=i: answers.append(chain(i, steps)))
        for i in jobs]
    for thread in all_of_them:
        thread.start()
    for thread in all_of_them:
        thread.join()
    return sum(answers)


def processes(jobs, steps, context=CONTEXT):
    answers = context.SimpleQueue()
    all_of_them = [context.Process(target=answer, args=(answers, i, steps))
                   for i in jobs]
    for process in all_of_them:
        process.start()
    total = sum(answers.get() for _ in all_of_them)
    for process in all_of_them:
        process.join()
        if process.exitcode != 0:
            raise lab.Failure("a job ended with status %d" % process.exitcode)
    return total


def answer(answers, i, steps):
    answers.put(chain(i, steps))
# ANCHOR_END: variants


def pool(run, steps, executor):
    if isinstance(executor, futures.ProcessPoolExecutor):
        run.elsewhere()
    jobs = range(run.threads)
    with executor as workers:
        if isinstance(executor, futures.ThreadPoolExecutor):
            have_all_threads(workers, run)

        def work():
            return sum(workers.map(chain, jobs, [steps] * run.threads))

        work()  # now all of them are there
        return repeated(run, steps, work)


def repeated(run, steps, work):
    # As often as in Rust for the same steps, so that no clock is read for
    # microseconds.
    times = min(max(100000 // steps, 1), 20)
    run.start_clock()
    total = sum(work() for _ in range(times))
    run.stop_clock()
    return total // times


def chain(i, steps):
    """The generator of Park and Miller, each step on the result of the
    last."""
    x = i + 1
    for _ in range(steps):
        x = x * 48271 % 0x7fffffff
    return x


if __name__ == "__main__":
    sys.exit(main())
