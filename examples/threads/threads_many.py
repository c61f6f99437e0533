"""Many threads: what one more costs, and what ends it.

Run:  python examples/threads/threads_many.py
See:  thousands of threads on a handful of cores, each an operating system
      thread like one of Rust's. The global lock limits how many run at a
      time, not how many there are. The last case starts threads until the
      system refuses or 20 000 are there, and says which it was.

Every run is a process of its own: the memory of the threads before would
otherwise be reused and not be seen.
"""

import os
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.barrier import Barrier

COUNTS = [1, 10, 100, 1000, 4000]
# What Rust gives a thread if nothing is said; Python leaves it to the system.
DEFAULT_STACK = 2 << 20
SMALL_STACK = 64 << 10
# Where we stop by ourselves.
BOUND = 20000


def main():
    experiment = lab.Experiment(
        "threads_many",
        "How many threads can there be, and what does one cost?",
        baseline="none")
    for count in COUNTS:
        experiment.case(str(count), "threads, all of them waiting")
        experiment.variant("thread", "threads", "2 MiB stacks",
                           lambda run, n=count: park(run, n, DEFAULT_STACK))
        experiment.variant("thread", "small", "64 KiB stacks",
                           lambda run, n=count: park(run, n, SMALL_STACK))
    experiment.case("limit", "one more and one more, until something ends it")
    experiment.observed()
    experiment.variant("thread", "threads", "64 KiB stacks", limit)
    experiment.child("park", lambda args: parked(int(args[0]), int(args[1])))
    experiment.child("limit", lambda args: started_without_end())
    return experiment.run()


def park(run, count, stack_bytes):
    """The child parks so many threads, and measures."""
    return lab.take_over(run, "park", (count, stack_bytes))


def parked(count, stack_bytes):
    threading.stack_size(stack_bytes)
    all_there, seen = Barrier(count + 1), Barrier(count + 1)
    answers = [None] * count

    def body(i):
        all_there.wait()
        seen.wait()  # sleeps here while its memory is counted
        answers[i] = i

    before = memory()
    began = lab.clock()
    threads = [threading.Thread(target=body, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.daemon = True  # if one cannot start, do not wait for the rest
        thread.start()
    all_there.wait()
    start_up = lab.clock() - began
    after = memory()
    seen.wait()
    for thread in threads:
        thread.join()
    print("answer %d" % sum(answers))
    print("start_up_us %f" % (start_up * 1e6 / count))
    for name in before:
        if None not in (before[name], after[name]):
            each = (after[name] - before[name]) / float(count)
            print("%s %f" % (name, each))


def started_without_end():
    """Starts threads until the system refuses. It may also end the whole
    process, so the count goes out as it grows."""
    lab.no_core_file()
    threading.stack_size(SMALL_STACK)
    never = threading.Lock()
    never.acquire()
    for count in range(1, BOUND + 1):
        thread = threading.Thread(target=never.acquire)
        thread.daemon = True
        try:
            thread.start()
        except (RuntimeError, threading.ThreadError) as refusal:
            print("%d\nrefused: %s" % (count - 1, refusal))
            break
        if count % 100 == 0 or count == BOUND:
            print(count)
            sys.stdout.flush()
    print_mappings()
    sys.stdout.flush()
    os._exit(0)  # no farewell to each of the threads


def print_mappings():
    """Each stack is a memory mapping or more, and Linux allows a process
    only so many."""
    try:
        with open("/proc/sys/vm/max_map_count") as allowed:
            print("mappings_allowed %d" % int(allowed.read()))
        with open("/proc/self/maps") as maps:
            print("mappings %d" % sum(1 for _ in maps))
    except EnvironmentError:
        pass  # not Linux


def limit(run):
    run.elsewhere()
    process = subprocess.Popen(
        lab.rerun_self("limit"), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, universal_newlines=True)
    said, _ = process.communicate()
    reached, refused = 0, None
    for line in said.splitlines():
        name, _, value = line.partition(" ")
        if line.isdigit():
            reached = max(reached, int(line))
        elif name == "refused:":
            refused = line
        else:
            run.metric(name, int(value))
    run.metric("reached", reached)
    if refused:
        return refused
    if reached == BOUND:
        return "not ended, up to our bound of %d" % BOUND
    return "the process was ended: " + lab.ending(process.returncode)


def memory():
    """What the kernel says that our threads use. Kernel stacks are the whole
    machine's."""
    status = "/proc/self/status"
    return {"resident_bytes": lab.proc_bytes(status, "VmRSS:"),
            "reserved_bytes": lab.proc_bytes(status, "VmSize:"),
            "page_table_bytes": lab.proc_bytes(status, "VmPTE:"),
            "kernel_stack_bytes": lab.proc_bytes("/proc/meminfo",
                                                 "KernelStack:")}


if __name__ == "__main__":
    sys.exit(main())
