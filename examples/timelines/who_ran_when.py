"""Who ran when: two spinning lanes in threads and in processes.

Run:  python examples/timelines/who_ran_when.py
See:  under a global lock two threads make some forty slices of 5 ms between
      them, on any number of cores. Two processes have a lock each, run at once
      and are hardly stopped, and so are threads of a free-threaded build.
"""

import json
import os
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from lab_timeline import now_ns, spin

RECORD_NS = 200000000


def main():
    if not hasattr(time, "monotonic_ns"):
        sys.exit("who_ran_when: needs Python 3.7 or later")
    experiment = lab.Experiment(
        "who_ran_when", "Who has a core when there are more flows than cores?",
        baseline="none")
    experiment.observed()
    experiment.variant("thread", "threads", "2 threads", threads)
    experiment.variant("process", "processes", "2 processes",
                       lambda run: processes(run, 2, 1))
    experiment.variant("process", "processes_threads",
                       "2 processes of 2 threads",
                       lambda run: processes(run, 2, 2))
    experiment.child("spin", lambda args: child(*[int(a) for a in args]))
    return experiment.run()


# ANCHOR: threads
def threads(run):
    gate, lanes, waited = run.gate(2), [None] * 2, [None] * 2

    def record(i):
        gate.wait()
        before = waited_ns()
        lanes[i] = spin("T%d" % i, gate.began_ns, RECORD_NS)
        waited[i] = (before, waited_ns())

    workers = [threading.Thread(target=record, args=(i,)) for i in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    keep_waited(run, waited)
    turns = turns_ns(lanes)
    if turns:
        run.metric("turn_ms", statistics.median(turns) / 1e6)
    return keep(run, lanes)
# ANCHOR_END: threads


def waited_ns():
    """How long this thread has wanted a core and not had one. Linux only."""
    try:
        with open("/proc/thread-self/schedstat") as said:
            return int(said.read().split()[1])
    except (IOError, IndexError):
        return None


def keep_waited(run, readings):
    if None not in sum(readings, ()):
        each = [after - before for before, after in readings]
        run.metric("waited_core_ms", sum(each) / len(each) / 1e6)


def turns_ns(lanes):
    """How long one lane had its turn until the other one ran. The kernel may
    have stopped it meanwhile, which does not end its turn. None of the first
    and the last, which the recording cut, and none where lanes run at once."""
    spans = sorted((span[0], span[1], lane["lane"])
                   for lane in lanes for span in lane["spans"])
    turns = []
    for begin, end, lane in spans:
        if turns and begin < turns[-1][1]:
            return []
        if turns and turns[-1][2] == lane:
            begin = turns.pop()[0]
        turns.append((begin, end, lane))
    return [end - begin for begin, end, _ in turns[1:-1]]


def processes(run, count, threads_each):
    """The clock is the same in every process, so one start serves all. They
    are told it when all of them are there."""
    children = [
        subprocess.Popen(lab.rerun_self("spin", (i, threads_each)),
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         universal_newlines=True)
        for i in range(count)]
    for each in children:
        each.stdout.readline()
    run.start_clock()
    epoch_ns = now_ns()
    for each in children:
        each.stdin.write("%d\n" % epoch_ns)
        each.stdin.flush()
    lanes = []
    for each in children:
        lanes += json.loads(each.communicate()[0])
        if each.returncode != 0:
            raise RuntimeError("a child ended with %d" % each.returncode)
    run.elsewhere()
    return keep(run, lanes)


def child(i, threads_each):
    """Says that it is ready when its threads wait for the word, too."""
    gate, lanes, epoch_ns = lab.Gate(threads_each + 1), {}, []

    def record(name):
        gate.wait()
        lanes[name] = spin(name, epoch_ns[0], RECORD_NS)

    names = ["P%d" % i]
    if threads_each > 1:
        names = ["P%d T%d" % (i, j) for j in range(threads_each)]
    workers = [threading.Thread(target=record, args=(name,)) for name in names]
    for worker in workers:
        worker.start()
    print("ready")
    sys.stdout.flush()
    epoch_ns.append(int(sys.stdin.readline()))
    gate.wait()
    for worker in workers:
        worker.join()
    print(json.dumps([lanes[name] for name in names]))


def keep(run, lanes):
    run.metric("slices_seen", sum(len(lane["spans"]) for lane in lanes))
    run.metric("false_gaps", sum(lane["false_gaps"] for lane in lanes))
    counted = [lane.get("involuntary") for lane in lanes]
    if None not in counted:
        run.metric("switches_counted", sum(counted))
    run.timeline(lanes)
    return "%d lanes" % len(lanes)


if __name__ == "__main__":
    sys.exit(main())
