"""The same jobs with more and more threads than cores: what is the price?

Run:  python examples/preemptive/preempt_over.py
See:  under the global lock more threads gain nothing and cost little; a job
      that is interrupted waits for everybody else's turn with the lock, so the
      slowest grow with the threads. Without the lock (3.13t, 3.14t) the two
      cores are used, and the waiting is the scheduler's, as in Rust.
"""

import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

JOBS = 3000
# Some 250 us a job. The answer does not depend on how often it is computed.
REPEATS = 50


def main():
    experiment = lab.Experiment(
        "preempt_over",
        "What does it cost to have many more threads than cores?",
        baseline="none")
    for times in (1, 2, 4, 16, 64):
        experiment.case(str(times), "%d threads a core" % times)
        experiment.variant(
            "thread", "threads", "threads",
            lambda run, times=times: all_jobs(run, run.threads * times))
    return experiment.run()


def all_jobs(run, threads):
    numbers = iter(range(JOBS))
    taking = threading.Lock()
    done = []

    def worker():
        total, times = 0, []
        gate.wait()
        while True:
            with taking:
                number = next(numbers, None)
            if number is None:
                done.append((total, times))
                return
            begun = lab.clock()
            total += job(number)
            times.append(lab.clock() - begun)

    gate = run.gate(threads)
    workers = [threading.Thread(target=worker) for _ in range(threads)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    run.stop_clock()
    note_times(run, sorted(time for _, times in done for time in times))
    return sum(total for total, _ in done)


def job(number):
    answer = 0
    for _ in range(REPEATS):
        answer = chain(number + 1)
    return answer


def chain(x):
    for _ in range(50):
        x = x * 48271 % 0x7fffffff
    return x


def note_times(run, times):
    for name, share in (("job_p50_ms", 0.5), ("job_p99_ms", 0.99),
                        ("job_worst_ms", 1)):
        run.metric(name, times[int((len(times) - 1) * share)] * 1e3)


if __name__ == "__main__":
    sys.exit(main())
