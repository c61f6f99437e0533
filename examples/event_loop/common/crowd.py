"""A crowd of requests, all open at once, by a client in a process of its own:
so its memory is its own, and the system tells what it needs.

Needs Unix.
"""

import resource
import subprocess
import sys
import threading
import time

import lab
from common import asking

SPARE_FILES = 100


def room():
    """How many requests our limit of open files has room for."""
    return max(raise_limit() - SPARE_FILES, 0)


def raise_limit():
    """Raises our limit of open files as far as we may, and returns it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ValueError, OSError):  # macOS promises more than it allows
        hard = soft
    return 20000 if hard == resource.RLIM_INFINITY else hard


def answer(ask, port, count):
    """The client's side: waits for the word, asks, tells what it used."""
    port, count = int(port), int(count)
    site = asking.Site(("127.0.0.1", port), query(count))
    threading.stack_size(256 << 10)
    "localhost".encode("idna")  # imports what the first connection would
    print("ready")
    sys.stdout.flush()
    sys.stdin.readline()
    before, began = cpu_seconds(), lab.clock()
    total = ask(site, count)
    wall, cpu = lab.clock() - began, cpu_seconds() - before
    print("answer %d" % total)
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


def watch(run, server, name, count):
    """Starts a client, gives it the word, and takes over what it tells."""
    run.elsewhere()
    site = asking.Site(server, query(count))
    site.peak()  # the server starts to count anew
    child = subprocess.Popen(
        lab.rerun_self("client", [name, server[1], count]),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, universal_newlines=True)
    if child.stdout.readline() != "ready\n":
        raise lab.Failure("no client")
    over, most = threading.Event(), [None]
    watcher = threading.Thread(target=most_threads,
                               args=(child.pid, over, most))
    watcher.start()
    run.start_clock()
    child.stdin.write("go\n")
    child.stdin.flush()
    answer = child.stdout.readline()
    run.stop_clock()
    over.set()
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


def most_threads(pid, over, most):
    """Keeps the most threads that the client had."""
    while not over.is_set():
        try:
            with open("/proc/%d/status" % pid) as status:
                for line in status:
                    if line.startswith("Threads:"):
                        most[0] = max(most[0] or 0, int(line.split()[1]))
        except EnvironmentError:
            return
        time.sleep(0.01)
