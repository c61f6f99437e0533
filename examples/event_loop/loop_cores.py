"""Computing in tasks: a piece of work for each core, on one loop, on a loop in
each thread, on a loop in each process.

Run:  python examples/event_loop/loop_cores.py
See:  one loop keeps to one core, however many tasks it has. A loop in each
      process uses them all; a loop in each thread only where there is no global
      lock.

Needs Python 3.7, and for one variant the package `aiomultiprocess` (`cargo
book python`); without it that one is left out. Processes are started before the
clock is.
"""

import asyncio
import os
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "lab", "python"))
import lab
from common import asking

aiomultiprocess = asking.having("aiomultiprocess")

STEPS = 1000000
TURN = 250000


def main():
    experiment = lab.Experiment(
        "loop_cores", "Computing in tasks: how many cores do they use?")
    experiment.variant("alone", "sequential", "one after another", sequential)
    experiment.variant("task", "one_loop", "tasks on one loop", one_loop)
    experiment.variant("thread", "threads", "a loop in each thread", threads)
    experiment.variant("process", "processes", "a loop in each process",
                       processes)
    if aiomultiprocess:
        experiment.variant("process", "aiomultiprocess", "aiomultiprocess",
                           lambda run: asyncio.run(pool(run)))
    experiment.child("piece", child)
    return experiment.run()


def one_loop(run):
    async def all_pieces():
        return sum(await asyncio.gather(*map(piece, range(run.threads))))

    return asking.in_loop(run, all_pieces())


def threads(run):
    answers, gate = [None] * run.threads, run.gate(run.threads)

    async def started(i):
        gate.wait()  # its loop is there
        return await piece(i)

    def work(i):
        answers[i] = asyncio.run(started(i))

    workers = [threading.Thread(target=work, args=(i,))
               for i in range(run.threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(answers)


async def pool(run):
    # Unless told otherwise a process takes 16 tasks before the next one does.
    async with aiomultiprocess.Pool(run.threads, childconcurrency=1) as workers:
        await workers.map(pause, range(run.threads))  # time for all to start
        run.start_clock()
        answer = sum(await workers.map(piece, range(run.threads)))
        run.stop_clock()
    run.elsewhere()
    return answer


async def piece(i):
    x = i + 1
    for _ in range(STEPS // TURN):
        x = steps(x)
        await asyncio.sleep(0)  # lets others have a turn
    return x


def steps(x):
    """Each step needs the one before."""
    for _ in range(TURN):
        x = x * 48271 % 0x7fffffff
    return x


async def pause(_):
    await asyncio.sleep(0.2)


def sequential(run):
    return sum(map(plain_piece, range(run.threads)))


def plain_piece(i):
    x = i + 1
    for _ in range(STEPS // TURN):
        x = steps(x)
    return x


def processes(run):
    """Interpreters that wait for the word."""
    children = [
        subprocess.Popen(lab.rerun_self("piece", [i]), stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, universal_newlines=True)
        for i in range(run.threads)]
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


def child(args):
    print("ready")
    sys.stdout.flush()
    if sys.stdin.readline():
        print(asyncio.run(piece(int(args[0]))))
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
