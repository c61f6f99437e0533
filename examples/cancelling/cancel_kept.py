"""Nobody keeps a task. Does it go on?

Run:  python examples/cancelling/cancel_kept.py
See:  a task that waits for a timer is done, however often the collector comes:
      the loop keeps its timers, the timer what is to be called, and that the
      task. A task that waits for a future which only it refers to is collected,
      and the loop says "Task was destroyed but it is pending!"; so is one whose
      future has a weak reference only, by which it would have been woken. Kept
      in a set, it stays.
"""

import asyncio
import gc
import os
import sys
import weakref

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

WORK_S = 0.020
TURNS = 6  # of a third of the work: by then what will be done is done


def main():
    experiment = lab.Experiment("cancel_kept",
                                "Nobody keeps a task: does it go on?",
                                baseline="timer")
    experiment.observed()
    for name, label, start in [
            ("timer", "it waits for a timer", start_timer),
            ("outside", "somebody will wake it", start_outside),
            ("own_future", "nobody can wake it", start_own_future),
            ("weak", "somebody would, by a weak reference", start_weak),
            ("set", "nobody can wake it, kept in a set", start_kept)]:
        experiment.variant("task", name, label,
                           lambda run, start=start: forgotten(run, start))
    return experiment.run()


# ANCHOR: kept
async def timer(fate):
    await asyncio.sleep(WORK_S)
    fate.append("done")


async def own_future(fate):
    await asyncio.get_running_loop().create_future()  # only we refer to it
    fate.append("done")


def start_timer(fate, keep):
    asyncio.ensure_future(timer(fate))


def start_own_future(fate, keep):
    asyncio.ensure_future(own_future(fate))


def start_kept(fate, keep):
    task = asyncio.ensure_future(own_future(fate))
    keep.add(task)
    task.add_done_callback(keep.discard)
# ANCHOR_END: kept


async def waits_for(answer, fate):
    await answer
    fate.append("done")


def start_outside(fate, keep):
    loop = asyncio.get_running_loop()
    answer = loop.create_future()
    asyncio.ensure_future(waits_for(answer, fate))
    loop.call_later(WORK_S, answer.set_result, None)


def start_weak(fate, keep):
    def wake_all():
        for answer in waiting:
            answer.set_result(None)

    loop, waiting = asyncio.get_running_loop(), weakref.WeakSet()
    answer = loop.create_future()
    waiting.add(answer)
    asyncio.ensure_future(waits_for(answer, fate))
    loop.call_later(WORK_S, wake_all)


def forgotten(run, start):
    """Starts a task, forgets it, has the collector come now and then, and
    looks what became of the task."""
    fate, said = [], []

    async def watch():
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: said.append(context["message"]))
        keep = set()
        start(fate, keep)
        for _ in range(TURNS):
            await asyncio.sleep(WORK_S / 3)
            gc.collect()
        there = asyncio.all_tasks() - {asyncio.current_task()}
        return "still there" if there else "gone before it was done"

    ended = asyncio.run(watch())
    run.metric("done", len(fate))
    run.metric("collected", int(not fate and ended != "still there"))
    run.metric("printed", len(said))
    return "done" if fate else ": ".join([ended] + said[:1])


if __name__ == "__main__":
    sys.exit(main())
