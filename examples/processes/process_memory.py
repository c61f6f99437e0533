"""What a waiting task, thread or process costs in memory, and what a forked
child shares with its parent.

Run:  python examples/processes/process_memory.py
See:  columns `pss` and `page table`, for each unit: a task has about a
      kilobyte, a thread some pages, a spawned interpreter megabytes. In the
      second table every child inherits 16 MiB. Python counts the references to
      an object in the object, so that reading a list writes to all it holds,
      and costs more than turning the list round.

Every run is a family of processes of its own. PSS is resident memory with each
shared page divided by the number of those who share it, so the sum over a
family counts no page twice. Needs Linux and Python 3.7.
"""

import asyncio
import multiprocessing
import os
import signal
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

TASKS = 10000
THREADS = 200
FORKED = 50
SPAWNED = 5
CHILDREN = 10
INHERITED = 16 << 20
# A list has 8 bytes for each of them, and a float takes 24.
FLOATS = INHERITED // 32


def main():
    experiment = lab.Experiment(
        "process_memory",
        "How much memory does a task, a thread or a process take?",
        baseline="thread")
    experiment.case("parked", "many of them, all waiting")
    for kind, name, label, park in [
            ("task", "task", "sleeping asyncio task", park_tasks),
            ("thread", "thread", "waiting threading.Thread", park_threads),
            ("process", "forked", "forked process", park_forked),
            ("process", "spawned", "spawned interpreter", park_spawned)]:
        experiment.variant(kind, name, label,
                           lambda run, name=name: lab.take_over(run, name))
        experiment.child(name, lambda args, park=park: park())
    experiment.case("inherited", "children of a parent with 16 MiB")
    for what, label in [("untouched", "leaves a list alone"),
                        ("reads", "reads the list"),
                        ("writes", "reverses the list"),
                        ("reads_bytes", "reads bytes")]:
        experiment.variant("process", what, label,
                           lambda run, what=what: lab.take_over(run, what))
        experiment.child(what, lambda args, what=what: inherit(what))
    return experiment.run()


def park_tasks():
    async def all_of_them():
        before = footprint()
        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(asyncio.sleep(3600)) for _ in range(TASKS)]
        await asyncio.sleep(0.001)  # now each runs up to its sleep
        print_growth(before, [], TASKS)
        for task in tasks:
            task.cancel()

    asyncio.run(all_of_them())
    print("answer all there")


def park_threads():
    all_there = threading.Barrier(THREADS + 1)
    for_ever = threading.Event()

    def wait():
        all_there.wait()
        for_ever.wait()

    before = footprint()
    for _ in range(THREADS):
        threading.Thread(target=wait, daemon=True).start()
    all_there.wait()
    print_growth(before, [], THREADS)
    print("answer all there")


def park_forked():
    before = footprint()
    children = fork_all(FORKED, lambda: None)
    print_growth(before, children, FORKED)
    end(children)
    print("answer all there")


def park_spawned():
    context = multiprocessing.get_context("spawn")
    there, over = context.Semaphore(0), context.Event()
    before = footprint()
    children = [context.Process(target=report, args=(there, over))
                for _ in range(SPAWNED)]
    for child in children:
        child.start()
    for _ in children:
        there.acquire()
    print_growth(before, [child.pid for child in children], SPAWNED)
    over.set()
    for child in children:
        child.join()
        assert child.exitcode == 0, child.exitcode
    print("answer all there")


def report(there, over):
    there.release()
    over.wait()


# ANCHOR: inherited
def inherit(what):
    ours = [float(i) for i in range(FLOATS)]
    as_bytes = b"x" * INHERITED
    first = {"untouched": lambda: None,
             "reads": lambda: sum(ours),
             "writes": lambda: ours.reverse(),
             "reads_bytes": lambda: as_bytes.count(b"y")}[what]
    before = footprint()
    children = fork_all(CHILDREN, first)
    print_growth(before, children, CHILDREN)
    end(children)
    changed = sum(ours[i] != i for i in range(FLOATS))
    # ANCHOR_END: inherited
    print("seen_by_parent %d\nanswer %d changes seen" % (changed, changed))


def fork_all(count, first):
    """Forks; every child does `first` and then waits until it is killed.
    Returns when all of them wait."""
    from_children, to_parent = os.pipe()
    children = []
    for _ in range(count):
        pid = os.fork()
        if pid == 0:
            try:
                first()
                os.write(to_parent, b".")
                signal.pause()
            finally:
                os._exit(0)
        children.append(pid)
    there = 0
    while there < count:
        there += len(os.read(from_children, count))
    return children


def end(children):
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        # One that had ended before was not counted.
        assert os.waitpid(pid, 0)[1] == signal.SIGKILL


def footprint(children=()):
    """What the kernel says that a family uses: this process and its children.
    Kernel stacks are the whole machine's."""
    pids = [os.getpid()] + list(children)
    return {
        "pss_bytes": sum(lab.proc_bytes("/proc/%d/smaps_rollup" % pid, "Pss:")
                         for pid in pids),
        "page_table_bytes": sum(lab.proc_bytes("/proc/%d/status" % pid,
                                               "VmPTE:") for pid in pids),
        "kernel_stack_bytes": lab.proc_bytes("/proc/meminfo", "KernelStack:")}


def print_growth(before, children, count):
    now = footprint(children)
    for name in sorted(before):
        print("%s %f" % (name, (now[name] - before[name]) / count))


if __name__ == "__main__":
    sys.exit(main())
