"""A stack of slots without a lock around it: is a slot given to two at once?

Run:  python examples/order/order_aba.py
See:  without a tag beside its top, yes, when the steps come in the wrong order;
      with a tag never. Python has no compare-and-exchange; here a lock makes
      one, as a database or a network's store would.
"""

import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab

SLOTS = 4


def main():
    experiment = lab.Experiment(
        "order_aba", "Does a stack without a lock give one slot to two at once?",
        baseline="none")
    experiment.observed()
    experiment.case("purpose", "the other comes in between, on purpose")
    experiment.variant("alone", "untagged", "the slot alone",
                       lambda run: on_purpose(run, Slots(tags=0)))
    experiment.variant("alone", "tagged", "the slot and a tag",
                       lambda run: on_purpose(run, Slots(tags=1)))
    return experiment.run()


class Slots(object):
    """The top: a slot, and how often it was changed, if that is counted."""

    def __init__(self, tags):
        self.top, self.tags = (0, 0), tags
        self.below = [slot + 1 for slot in range(SLOTS - 1)] + [None]
        self.lock = threading.Lock()

    # ANCHOR: pop
    def pop(self, pause=lambda: None):
        while True:
            slot, tag = top = self.top
            if slot is None:
                return None
            below = self.below[slot]
            pause()
            if self.compare_exchange(top, (below, tag + self.tags)):
                return slot

    def push(self, slot):
        while True:
            below, tag = top = self.top
            self.below[slot] = below
            if self.compare_exchange(top, (slot, tag + self.tags)):
                return

    def compare_exchange(self, old, new):
        with self.lock:
            if self.top != old:
                return False
            self.top = new
            return True
    # ANCHOR_END: pop


def on_purpose(run, slots):
    """One looks at the top; before it exchanges it, the other takes two slots
    and puts the first back, once."""
    taken = []

    def between():
        if not taken:
            first = slots.pop()
            taken.append(slots.pop())
            slots.push(first)

    mine = slots.pop(between)
    twice = taken[0] in (mine, slots.pop())
    run.metric("twice", 1 if twice else 0)
    return "slot %d given to two" % taken[0] if twice else "each to one"


if __name__ == "__main__":
    sys.exit(main())
