"""Thousands of requests at once: none is answered before all of them are open.

Run:  python examples/event_loop/loop_many.py
See:  a thousand and ten thousand requests open at the same moment on asyncio's
      one thread, and what a thread for each of them needs instead.

Needs Python 3.7 and Unix. Each client is a process of its own; the server is
the Rust example's. It needs cargo, or
LAB_EXAMPLE=target/debug/examples/loop_many once it is built.
"""

import asyncio
import os
import resource
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "lab", "python"))
import asking
import lab

COUNTS = (1000, 10000)
SPARE_FILES = 100


def main():
    server = lab.Server("loop_many", "serve")

    def client(name, count):
        return lambda run: watched_client(run, server.address, name, count)

    experiment = lab.Experiment(
        "loop_many", "Thousands of requests open at once: what do they need?",
        baseline="threads")
    experiment.child("client", as_client)
    room = raise_limit() - SPARE_FILES
    for count in COUNTS:
        if count > room:
            continue
        experiment.case(str(count), "requests at once")
        # Ten thousand threads that want the global lock take half a minute.
        if count <= 1000:
            experiment.variant("thread", "threads", "sockets, a thread each",
                               client("threads", count))
        experiment.variant("task", "asyncio", "asyncio's streams, tasks",
                           client("asyncio", count))
    if max(COUNTS) > room and "--child" not in sys.argv:
        sys.stderr.write(
            "loop_many: this process's limit of open files has room for %d "
            "requests; cases beyond it are left out. `ulimit -n` shows the "
            "limit, and may raise it.\n" % max(room, 0))
    return experiment.run()


def raise_limit():
    """Raises our limit of open files as far as we may, and returns it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ValueError, OSError):  # macOS promises more than it allows
        hard = soft
    return 20000 if hard == resource.RLIM_INFINITY else hard


def as_client(args):
    """The client's side: waits for the word, asks, tells what it used."""
    name, port, count = args[0], int(args[1]), int(args[2])
    site = asking.Site(("127.0.0.1", port), query(count))
    threading.stack_size(256 << 10)
    print("ready")
    sys.stdout.flush()
    sys.stdin.readline()
    before, began = cpu_seconds(), lab.clock()
    if name == "threads":
        answer = asking.threads(site, count)
    else:
        answer = asyncio.run(asking.tasks(site, count))
    wall, cpu = lab.clock() - began, cpu_seconds() - before
    print("answer %d" % answer)
    print("client_cpu_share %f" % (cpu / wall))
    print("cpu_each_us %f" % (cpu * 1e6 / count))
    peak = lab.proc_bytes("/proc/self/status", "VmHWM:")
    if peak is not None:
        print("client_bytes %d" % peak)


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def query(count):
    return "all=%d&delay_ms=200" % count


def watched_client(run, server, name, count):
    """Starts a client, gives it the word, and takes over what it tells."""
    run.elsewhere()
    site = asking.Site(server, query(count))
    site.peak()  # the server starts to count anew
    child = subprocess.Popen(
        lab.rerun_self("client", [name, server[1], count]),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, universal_newlines=True)
    if child.stdout.readline() != "ready\n":
        raise lab.Failure("no client")
    watching = threading.Event()
    most = [None]
    watcher = threading.Thread(target=watch, args=(child.pid, watching, most))
    watcher.start()
    run.start_clock()
    child.stdin.write("go\n")
    child.stdin.flush()
    answer = child.stdout.readline()
    run.stop_clock()
    watching.set()
    watcher.join()
    for line in child.stdout:
        metric, value = line.split()
        run.metric(metric, value)
    child.stdin.close()
    child.wait()
    run.metric("in_flight", site.peak())
    if most[0] is not None:
        run.metric("client_threads", most[0])
    if not answer.startswith("answer "):
        raise lab.Failure("the client with %d requests gave no answer: %s"
                          % (count, lab.ending(child.returncode)))
    return int(answer.split()[1])


def watch(pid, over, most):
    """The most threads that the client had."""
    while not over.is_set():
        try:
            with open("/proc/%d/status" % pid) as status:
                for line in status:
                    if line.startswith("Threads:"):
                        most[0] = max(most[0] or 0, int(line.split()[1]))
        except EnvironmentError:
            return
        time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())
