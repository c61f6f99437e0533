"""Ten dishes, cooked by one chef who watches each pot, and in three
arrangements in which nobody has to.

Run:  python examples/timelines/kitchens.py
See:  while pots simmer, ten kitchens, ten chefs, and one chef who has ten
      dishes under way all need little more time than one dish does. When
      there is chopping in place of simmering, only the kitchens gain: under
      the global lock ten chefs share one knife. Without it (3.13t, 3.14t) they
      gain too.

A kitchen is a process, a chef a thread, and a dish under way a task. The clock
starts with the order, when all kitchens and chefs are there. An interpreter
chops more slowly than Rust, and makes fewer cuts in as much time.
"""

import asyncio
import multiprocessing
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from lab_timeline import Lane, now_ns

DISHES = range(1, 11)
SIMMER_S = 0.02
# In cuts: some 2 ms, 1 ms, and as long as a pot simmers.
CHOP = 300
SERVE = 150
INSTEAD_OF_SIMMER = 3000

# A forked kitchen is there at once; elsewhere each has to be built first.
HOW = "fork" if "fork" in multiprocessing.get_all_start_methods() else None
processes = multiprocessing.get_context(HOW)


def main():
    experiment = lab.Experiment(
        "kitchens", "Ten dishes: what do more kitchens, chefs or pots gain?",
        baseline="one_by_one")
    for case, label, simmers in [
            ("simmer", "each dish simmers for 40 ms", True),
            ("chop", "chopping in place of simmering", False)]:
        experiment.case(case, label)
        for kind, name, label, cook_all in [
                ("alone", "one_by_one", "one chef, one dish at a time",
                 one_by_one),
                ("process", "kitchens", "10 kitchens, a chef in each",
                 kitchens),
                ("thread", "chefs", "1 kitchen, 10 chefs", chefs),
                ("task", "dishes", "1 chef, 10 dishes under way", dishes)]:
            experiment.variant(
                kind, name, label,
                lambda run, f=cook_all, simmers=simmers: f(run, simmers))
    return experiment.run()


def one_by_one(run, simmers):
    ordered = now_ns()
    return serve(run, [cook(dish, simmers, ordered) for dish in DISHES])


def kitchens(run, simmers):
    rented = [rent_kitchen(dish, simmers) for dish in DISHES]
    for _, hatch in rented:
        hatch.recv()  # it is there
    run.start_clock()
    ordered = now_ns()
    for _, hatch in rented:
        hatch.send(ordered)
    taste = serve(run, [hatch.recv() for _, hatch in rented])
    for kitchen, _ in rented:
        kitchen.join()
    run.elsewhere()
    return taste


def chefs(run, simmers):
    order, cooked = run.gate(len(DISHES)), {}

    def chef(dish):
        order.wait()
        cooked[dish] = cook(dish, simmers, order.began_ns)

    all_chefs = [threading.Thread(target=chef, args=(dish,))
                 for dish in DISHES]
    for each in all_chefs:
        each.start()
    for each in all_chefs:
        each.join()
    return serve(run, [cooked[dish] for dish in DISHES])


def dishes(run, simmers):
    async def one_chef():
        run.start_clock()  # the loop is there
        ordered = now_ns()
        return await asyncio.gather(
            *[cook_async(dish, simmers, ordered) for dish in DISHES])

    return serve(run, asyncio.run(one_chef()))


# ANCHOR: cook
def cook(number, simmers, ordered_ns):
    lane = Lane("dish %d" % number, ordered_ns)
    taste = number
    for _ in range(2):
        taste = chop(lane, taste, CHOP)
        if simmers:
            lane.enter("waiting-io")
            time.sleep(SIMMER_S)  # the chef watches the pot
            lane.leave_wait()
        else:
            taste = chop(lane, taste, INSTEAD_OF_SIMMER)
    return cooked_by(chop(lane, taste, SERVE), lane)


async def cook_async(number, simmers, ordered_ns):
    lane = Lane("dish %d" % number, ordered_ns)
    taste = number
    for _ in range(2):
        taste = chop(lane, taste, CHOP)
        if simmers:
            lane.enter("waiting-io")
            await asyncio.sleep(SIMMER_S)  # the chef turns to another dish
            lane.leave_wait()
        else:
            taste = chop(lane, taste, INSTEAD_OF_SIMMER)
    return cooked_by(chop(lane, taste, SERVE), lane)
# ANCHOR_END: cook


def chop(lane, taste, cuts):
    """The taste depends on how often a dish was chopped, not on how finely."""
    for _ in range(cuts):
        chopped = cut(taste)
        lane.note()
    return chopped


def cut(x):
    for _ in range(50):
        x = x * 48271 % 0x7fffffff
    return x


def cooked_by(taste, lane):
    return {"taste": taste, "lane": lane.finish(), "kitchen": os.getpid(),
            "chef": threading.current_thread().name}


def serve(run, cooked):
    run.stop_clock()
    run.metric("kitchens", len({dish["kitchen"] for dish in cooked}))
    run.metric("chefs", len({(dish["kitchen"], dish["chef"])
                             for dish in cooked}))
    run.timeline([dish["lane"] for dish in cooked])
    return sum(dish["taste"] for dish in cooked)


def rent_kitchen(dish, simmers):
    """Returns the process, and the hatch through which its dish will come."""
    hatch, inside = processes.Pipe()
    kitchen = processes.Process(target=cook_in_kitchen,
                                args=(inside, dish, simmers))
    kitchen.start()
    inside.close()
    return kitchen, hatch


def cook_in_kitchen(hatch, dish, simmers):
    hatch.send("ready")
    hatch.send(cook(dish, simmers, hatch.recv()))


if __name__ == "__main__":
    sys.exit(main())
