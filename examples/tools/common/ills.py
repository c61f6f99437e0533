"""Ills of Python's, and a program that is well: each a process that stays as
it is for a while."""

import asyncio
import concurrent.futures
import faulthandler
import os
import signal
import sys
import threading
import time

LIFE_S = 15  # it ends by itself after this time, whoever forgets it
TICK_S = 0.005


def fall_ill(ill):
    """Falls ill, says `ready`, and answers questions until its input ends."""
    end = threading.Timer(LIFE_S, os._exit, [0])
    end.daemon = True
    end.start()
    if hasattr(signal, "SIGUSR1"):
        faulthandler.register(signal.SIGUSR1, all_threads=True)
    begin = dict((name, begin) for name, _, begin in ILLS)[ill]
    if asyncio.iscoroutinefunction(begin):
        loop = asyncio.new_event_loop()
        control = threading.Thread(target=answers, args=[loop], daemon=True)
        control.start()
        loop.run_until_complete(begin())
    else:
        begin()
        answers(None)


def answers(loop):
    print("ready")
    sys.stdout.flush()
    for _ in sys.stdin:
        told = []
        for task in asyncio.all_tasks(loop) if loop else []:
            told.append("Task " + task.get_coro().__name__)
            told += ["%s %s:%d" % (frame.f_code.co_name,
                                   os.path.basename(frame.f_code.co_filename),
                                   frame.f_lineno)
                     for frame in task.get_stack()]
        print("|".join(told))
        sys.stdout.flush()
    os._exit(0)


async def ticks():
    while True:
        await asyncio.sleep(TICK_S)


# ANCHOR: ills
async def blocked():
    async def reads_a_file():
        while True:
            time.sleep(0.15)  # stands for a driver that blocks
            await asyncio.sleep(TICK_S)

    await asyncio.gather(ticks(), reads_a_file())


async def lost():
    async def waits_for_an_answer():
        await asyncio.get_running_loop().create_future()  # nobody has it

    await asyncio.gather(ticks(), waits_for_an_answer())


async def live():
    def is_there():
        return sum(range(20000)) == 0

    async def waits_for_a_flag():
        while not is_there():
            await asyncio.sleep(0)

    await asyncio.gather(ticks(), waits_for_a_flag())


async def pool():
    async def serves():
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(workers, asks_the_database)

    workers = concurrent.futures.ThreadPoolExecutor(2)
    await asyncio.gather(ticks(), *[serves() for _ in range(8)])


def asks_the_database():
    time.sleep(LIFE_S)


def deadlock():
    def takes_both(one, other):
        with one:
            both.wait()  # each has one by now
            with other:
                pass

    both = threading.Barrier(2)
    locks = threading.Lock(), threading.Lock()
    for order in locks, locks[::-1]:
        threading.Thread(target=takes_both, args=order, daemon=True).start()


def convoy():
    """A thread that computes, and one that wants the global lock again and
    again for a moment."""
    def computes():
        while True:
            sum(range(100000))

    def writes():
        with open(os.devnull, "w") as nowhere:
            while True:
                os.write(nowhere.fileno(), b"x")

    for work in computes, writes:
        threading.Thread(target=work, daemon=True).start()
# ANCHOR_END: ills


async def well():
    async def serves():
        loop = asyncio.get_running_loop()
        while True:
            await loop.run_in_executor(None, sum, range(1000))
            await asyncio.sleep(4 * TICK_S)

    idle = threading.Thread(target=threading.Event().wait, daemon=True)
    idle.start()
    await asyncio.gather(ticks(), serves())


ILLS = [
    ("blocked", "a task blocks its loop", blocked),
    ("deadlock", "two threads, two locks", deadlock),
    ("convoy", "the global lock is handed around", convoy),
    ("pool", "all threads of a pool wait", pool),
    ("lost", "a task that nobody wakes", lost),
    ("live", "a task asks again and again", live),
    ("well", "nothing is wrong", well),
]
