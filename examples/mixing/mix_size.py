"""How many processes, and how many threads in each, does a service want that
computes for a millisecond and waits for twenty? Do the usual formulas find it?

Run:  python examples/mixing/mix_size.py
See:  processes decide how many cores compute, threads how many requests wait.
      Twice the cores and one more, with a thread each, leave the cores idle.
      As many processes as cores, with as many threads each as one core needs,
      are enough, and more of either gain little. One process has one core
      under a global lock, however many threads it has.

Cases are threads in each process. The client is a process of the Rust
example's; see mix_size.rs. For systems that hand open files down.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common import service

RATIO = 20
LENGTH_S = 0.300
AT_ONCE = 64  # for each core
SIZES = (1, 5, 21, 42)


def main():
    experiment = lab.Experiment(
        "mix_size", "How many threads does it take?", baseline="one")
    if os.name != "posix":
        sys.exit("mix_size: processes that share a socket, Unix only")
    ways = [("one", "one process", lambda cores: 1)]
    if not service.FREE:
        ways += [
            ("cores", "a process for each core", lambda cores: cores),
            ("rule", "twice the cores and one more",
             lambda cores: 2 * cores + 1)]
    for threads in SIZES:
        experiment.case(str(threads), "threads in each process")
        for name, says, processes in ways:
            experiment.variant(
                "process", name, says,
                lambda run, processes=processes, threads=threads:
                closed(run, processes(run.threads), threads),
                slow=threads == 5)
    experiment.child("serve", service.child)
    return experiment.run()


def closed(run, processes, threads):
    job = service.job_of_ratio(RATIO)
    load = service.as_closed(AT_ONCE * run.threads, LENGTH_S)
    with service.Service("threads", processes, threads, job) as serving:
        run.start_clock()
        seen = service.sent("mix_size", serving, job, load)
        run.stop_clock()
    run.elsewhere()
    for name, value in seen.items():
        run.metric(name, value)
    run.metric("size", processes * threads)
    return "each request was answered"


if __name__ == "__main__":
    sys.exit(main())
