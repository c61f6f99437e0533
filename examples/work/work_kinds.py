"""Computing and waiting: what is a job's time made of?

Run:  python examples/work/work_kinds.py
See:  the same two kinds as in Rust: `chain` and `sum` take twice as long with
      twice the work, `ask` with twice the delay. In `list` the distance
      between memory and cache is smaller than in Rust, since an addition in
      an interpreter is so much more than an addition.

The server is the Rust example's, in a process of its own on 127.0.0.1. It
needs cargo, or LAB_EXAMPLE=target/debug/examples/work_kinds once it is built.
"""

import os
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.ask import ask, chain
from lab_os import stay_on, stay_on_one_core

# How many numbers a sum adds, however long its list is.
ADDITIONS = 1 << 24
SERVER = lab.Server("work_kinds")
LISTS = {}


class Job(object):
    def __init__(self, requests, delay_ms, piece, times=1):
        self.requests = requests
        self.delay_ms = delay_ms
        self.piece = piece
        self.times = times


def main():
    jobs = [
        ("chain", "one question, then a long computation",
         Job(1, 1, lambda x: chain(x, 2000000))),
        ("sum", "one question, then the sum of a list",
         Job(1, 1, lambda x: x + add_up(numbers(1 << 21)))),
        ("ask", "five questions, a little computation each",
         Job(5, 50, lambda x: chain(x, 2000)))]
    experiment = lab.Experiment(
        "work_kinds", "What is a job's time made of: computing or waiting?",
        baseline="once")
    for case, label, job in jobs:
        experiment.case(case, label)
        work2 = Job(job.requests, job.delay_ms, job.piece, 2 * job.times)
        delay2 = Job(job.requests, 2 * job.delay_ms, job.piece)
        for name, label, job_of in [("once", "as it is", job),
                                    ("work2", "twice the work", work2),
                                    ("delay2", "twice the delay", delay2)]:
            experiment.variant("alone", name, label,
                               lambda run, j=job_of: timed(run, j))
        if case != "sum" and hasattr(os, "sched_setaffinity"):
            experiment.variant("alone", "half_core", "on half a core",
                               lambda run, j=job: half_core(run, j))
    experiment.case("list", "the same additions")
    experiment.variant("alone", "near", "2 048 numbers, again and again",
                       lambda run: added(run, 1 << 11))
    experiment.variant("alone", "far", "2 million numbers",
                       lambda run: added(run, 1 << 21))
    experiment.child("rival", lambda args: spin())
    return experiment.run()


# ANCHOR: job
def run_job(server, job):
    total = 0
    for n in range(job.requests):
        answer = ask(server, n, job.delay_ms)  # waits
        for _ in range(job.times):
            result = job.piece(answer)  # computes
        total += result
    return total
# ANCHOR_END: job


def timed(run, job):
    """The server and the list are there before the clock starts."""
    server = SERVER.address
    numbers(1 << 21)
    run.start_clock()
    return run_job(server, job)


def half_core(run, job):
    """Shares its core with a process that never stops computing. The scheduler
    is fair, so half of the core is what remains."""
    server = SERVER.address
    every = stay_on_one_core()
    rival = subprocess.Popen(lab.rerun_self("rival"), stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
    rival.stdout.readline()
    run.start_clock()
    answer = run_job(server, job)
    run.stop_clock()
    rival.communicate()  # ends it
    stay_on(every)
    return answer


def spin():
    """The rival's side: it inherits our place on the core."""
    def compute():
        print("ready")
        sys.stdout.flush()
        while True:
            chain(1, 1000)
    rival = threading.Thread(target=compute)
    rival.daemon = True
    rival.start()
    sys.stdin.read()
    os._exit(0)


def numbers(length):
    if length not in LISTS:
        LISTS[length] = [i % 2048 for i in range(length)]
    return LISTS[length]


def add_up(list_of_numbers):
    passes = ADDITIONS // len(list_of_numbers)
    return sum(sum(list_of_numbers) for _ in range(passes))


def added(run, length):
    list_of_numbers = numbers(length)
    run.start_clock()
    return add_up(list_of_numbers)


if __name__ == "__main__":
    sys.exit(main())
