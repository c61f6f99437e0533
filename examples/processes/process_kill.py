"""Stopping what does not want to stop: a process, a thread, a task.

Run:  python examples/processes/process_kill.py
See:  a process that spins is gone some time after the call, whatever it does.
      A thread can be asked, or have an exception raised in it, which it meets
      when it next looks: in a loop soon, in a sleep not before the sleep is
      over. A task can be canceled while it awaits.

The ones that cannot be stopped run in a process of their own, which can. Needs
Python 3.7.
"""

import asyncio
import ctypes
import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

PATIENCE = 0.1


def main():
    experiment = lab.Experiment(
        "process_kill", "What can be stopped from outside?", baseline="none")
    experiment.observed()

    def in_a_child(kind, name, label, work):
        experiment.child(name, lambda args: work())
        experiment.variant(kind, name, label,
                           lambda run: lab.take_over(run, name))

    experiment.variant("process", "process", "process, killed", process)
    experiment.variant("thread", "thread_flag", "thread that looks",
                       thread_flag)
    in_a_child("thread", "thread_deaf", "thread that does not", thread_deaf)
    if hasattr(ctypes, "pythonapi"):  # CPython
        experiment.variant("thread", "thread_exception",
                           "thread in a loop, exception set", thread_exception)
        in_a_child("thread", "thread_exception_asleep",
                   "thread in a sleep, exception set", exception_asleep)
    experiment.variant("task", "task_await", "task that awaits", task_await)
    in_a_child("task", "task_deaf", "task that does not", task_deaf)
    experiment.child("spin", lambda args: (print(".", flush=True), spin()))
    return experiment.run()


def spin():
    while True:
        pass


def process(run):
    run.elsewhere()
    child = subprocess.Popen(lab.rerun_self("spin"), stdout=subprocess.PIPE)
    child.stdout.readline()  # it spins

    run.start_clock()
    asked = lab.clock()
    child.kill()
    child.wait()
    took = lab.clock() - asked
    run.stop_clock()
    child.stdout.close()
    return gone(run, took, lab.ending(child.returncode))


def thread_flag(run):
    stop, gate = threading.Event(), run.gate(2)

    def look():
        gate.wait()
        while not stop.is_set():
            pass

    thread = threading.Thread(target=look)
    thread.start()
    gate.wait()
    asked = lab.clock()
    stop.set()
    thread.join()
    took = lab.clock() - asked
    run.stop_clock()
    return gone(run, took, "it looked at its flag")


def thread_deaf():
    # There is no call to end it: a Thread can be joined or forgotten.
    thread = threading.Thread(target=spin, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    say_whether_gone(not thread.is_alive())


# ANCHOR: exception
class Stop(Exception):
    pass


def raise_in(thread):
    """No method of Thread does this; the C API does."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident), ctypes.py_object(Stop))


def until_stopped(work):
    try:
        work()
    except Stop:
        pass


def thread_exception(run):
    thread = threading.Thread(target=until_stopped, args=(spin,))
    thread.start()
    time.sleep(0.01)  # by now it spins
    run.start_clock()
    asked = lab.clock()
    raise_in(thread)
    thread.join()
    took = lab.clock() - asked
    run.stop_clock()
    return gone(run, took, "in mid-loop")


def exception_asleep():
    thread = threading.Thread(target=until_stopped, daemon=True,
                              args=(lambda: time.sleep(10),))
    thread.start()
    time.sleep(0.01)  # by now it sleeps
    raise_in(thread)
    thread.join(PATIENCE)
    say_whether_gone(not thread.is_alive())
# ANCHOR_END: exception


def task_await(run):
    async def main():
        async def polite():
            while True:
                await asyncio.sleep(0)  # where it can be stopped

        task = asyncio.ensure_future(polite())
        await asyncio.sleep(0.001)
        run.start_clock()
        asked = lab.clock()
        task.cancel()
        await asyncio.wait([task])
        took = lab.clock() - asked
        run.stop_clock()
        assert task.cancelled()
        return took

    return gone(run, asyncio.run(main()), "at an await")


def task_deaf():
    async def main():
        async def deaf():
            spin()

        task = asyncio.ensure_future(deaf())
        loop = asyncio.get_running_loop()
        # Only from another thread can anybody still ask.
        ask = threading.Thread(
            target=lambda: cancel_and_tell(loop, task), daemon=True)
        ask.start()
        await task

    asyncio.run(main())


def cancel_and_tell(loop, task):
    time.sleep(0.01)  # by now it spins
    loop.call_soon_threadsafe(task.cancel)
    time.sleep(PATIENCE)
    say_whether_gone(task.done())
    os._exit(0)  # the loop would wait for it


def gone(run, took, how):
    run.metric("gone", 1)
    run.metric("gone_us", took * 1e6)
    return "gone: " + how


def say_whether_gone(is_gone):
    """A child's side of the same."""
    print("gone %d" % is_gone)
    print("answer %s" % ("gone" if is_gone else "still running after 100 ms"))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
