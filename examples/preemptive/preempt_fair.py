"""Processes that all want one core: how is it shared out?

Run:  python examples/preemptive/preempt_fair.py
See:  the same shares as among Rust's threads. A process that is nicer by 5
      gets a third of its neighbor's time; one that is nicer by 19 gets next to
      nothing, but its turn comes. The kernel does not ask what runs in it.

Processes, since threads under the global lock would share the core by its rules
and not by the scheduler's. Started with `nice`, the levels count from there, up
to 19. Python 3.7 or later.
"""

import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from lab_timeline import now_ns, spin

MS = 1000000


def main():
    if not hasattr(time, "monotonic_ns"):
        sys.exit("preempt_fair: needs Python 3.7 or later")
    experiment = lab.Experiment(
        "preempt_fair",
        "How is one core shared out among threads that all want it?",
        baseline="none")
    experiment.observed()
    experiment.case("4", "4 threads, one core")
    experiment.variant("process", "processes", "processes",
                       lambda run: share(run, [0] * 4, 320))
    experiment.case("nice", "a thread and a nicer one, one core")
    experiment.variant("process", "plus_5", "one is nicer by 5",
                       lambda run: share(run, [0, 5], 800))
    experiment.variant("process", "plus_19", "one is nicer by 19",
                       lambda run: share(run, [0, 19], 2400))
    experiment.child("spin", lambda args: child(*[int(a) for a in args]))
    return experiment.run()


# ANCHOR: share
def share(run, nices, length_ms):
    children = [
        subprocess.Popen(lab.rerun_self("spin", (i, nice, length_ms * MS)),
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         universal_newlines=True)
        for i, nice in enumerate(nices)]
    for each in children:
        each.stdout.readline()
    run.start_clock()
    epoch_ns = now_ns()
    for each in children:
        each.stdin.write("%d\n" % epoch_ns)
        each.stdin.flush()
    lanes = [json.loads(each.communicate()[0]) for each in children]
    run.elsewhere()
    return keep(run, lanes)


def child(i, nice, length_ns):
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    os.nice(nice)  # counts among those who want the core
    print("ready")
    sys.stdout.flush()
    epoch_ns = int(sys.stdin.readline())
    print(json.dumps(spin("P%d nice %d" % (i, nice), epoch_ns, length_ns)))
# ANCHOR_END: share


def keep(run, lanes):
    times = [sum(span[1] - span[0] for span in lane["spans"])
             for lane in lanes]
    run.metric("least_share", min(times) / float(max(times)))
    run.metric("first_over_last", times[0] / float(times[-1]))
    waits = sorted(after[0] - before[1] for lane in lanes
                   for before, after in zip(lane["spans"], lane["spans"][1:]))
    if waits:
        run.metric("wait_ms", waits[len(waits) // 2] / float(MS))
    run.timeline(lanes)
    return "%d lanes" % len(lanes)


if __name__ == "__main__":
    sys.exit(main())
