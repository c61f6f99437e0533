"""The count of a much-read article, twice: what do threads and processes gain?

Run:  python examples/global_lock/gil_count.py
See:  where a global lock is on, two threads take as long as one after another,
      or longer; two processes gain. Without the lock threads gain too.
      `cargo book measure gil_count --python all` asks every interpreter.

A tenth of the article's count. Threads, processes and pools are there before
the clock starts.
"""

import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

try:
    from concurrent import futures
except ImportError:  # Python 2
    futures = None

if sys.version_info[0] == 2:
    range = xrange  # Python 2 would make a list of it

COUNT = 10000000


def main():
    experiment = lab.Experiment(
        "gil_count", "Two counts: do two threads do them in the time of one?")
    experiment.variant("alone", "sequential", "one after another", sequential)
    experiment.variant("thread", "threads", "2 threads", threads)
    experiment.variant("process", "processes", "2 processes", processes)
    if futures is not None:
        experiment.variant("thread", "thread_pool", "ThreadPoolExecutor",
                           lambda run: pool(run, futures.ThreadPoolExecutor))
    if hasattr(futures, "ProcessPoolExecutor") and has_semaphores():
        experiment.variant("process", "process_pool", "ProcessPoolExecutor",
                           lambda run: pool(run, futures.ProcessPoolExecutor))
    if hasattr(futures, "InterpreterPoolExecutor"):
        experiment.variant(
            "thread", "interpreters", "InterpreterPoolExecutor",
            lambda run: pool(run, futures.InterpreterPoolExecutor))
    experiment.child("count", child)
    return experiment.run()


# ANCHOR: count
def count(_=None):
    for _ in range(COUNT):
        pass
    return COUNT


def sequential(run):
    return count() + count()


def threads(run):
    answers, gate = [], run.gate(2)

    def work():
        gate.wait()  # the last one to come starts the clock
        answers.append(count())

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(answers)


def pool(run, executor):
    with executor(2) as workers:
        # Time for both workers to start, and to load this program.
        list(workers.map(ready, range(2)))
        run.start_clock()
        answer = sum(workers.map(count, range(2)))
        run.stop_clock()
    if executor is not futures.ThreadPoolExecutor:
        run.elsewhere()
    return answer
# ANCHOR_END: count


def ready(_):
    time.sleep(0.05)


def processes(run):
    """Two interpreters that wait for the word."""
    children = [
        subprocess.Popen(lab.rerun_self("count"), stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, universal_newlines=True)
        for _ in range(2)]
    for each in children:
        each.stdout.readline()
    run.start_clock()
    for each in children:
        each.stdin.write("go\n")
        each.stdin.flush()
    answer = sum(int(each.stdout.readline()) for each in children)
    run.stop_clock()
    for each in children:
        each.communicate()
    run.elsewhere()
    return answer


def child(_):
    print("ready")
    sys.stdout.flush()
    if sys.stdin.readline():
        print(count())
        sys.stdout.flush()


def has_semaphores():
    try:
        import multiprocessing.synchronize  # not everywhere
        return True
    except ImportError:
        return False


if __name__ == "__main__":
    sys.exit(main())
