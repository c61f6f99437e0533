"""A model checker of our own runs small programs in every order of their steps:
which mistakes does it find?

Run:  python examples/sharing/lock_model.py
See:  the broken ones are found within a handful of executions, the right lock
      passes all of them. Python's threads cannot be told when to switch, so a
      thread is a generator here, and each `yield` is a place where another may
      have its turn.

What it does not see: that a processor or a compiler may reorder two steps. A
checker that does is used in lock_model.rs.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab


def main():
    experiment = lab.Experiment(
        "lock_model",
        "Every order it models: which mistakes does a model checker find?",
        baseline="none")
    experiment.observed()
    for name, label, model in [
            ("load_store", "a load, then a store", load_store),
            ("broken_check", "lock: looks, then takes", broken_check),
            ("spin", "lock: looks and takes at once", spin),
            ("deadlock", "locks in opposite orders", deadlock),
            ("two_sections", "looks, lets go, takes", two_sections)]:
        experiment.variant("alone", name, label,
                           lambda run, m=model: check(run, m))
    return experiment.run()


def check(run, model):
    for _ in range(50):  # or a coarse clock would not see it
        executions, fault = explore(model)
    run.metric("executions", executions)
    run.metric("found", 1 if fault else 0)
    return "found: " + fault if fault else "passes"


# ANCHOR: explore
def explore(model):
    """Runs the model in every order, and stops at the first that goes wrong.
    Returns how many it ran, and what was wrong."""
    executions, schedule = 0, []
    while True:
        executions += 1
        fault, choices = execute(model(), schedule)
        if fault:
            return executions, fault
        # Next time the last choice is another one, if there was another.
        while choices and choices[-1][0] + 1 == choices[-1][1]:
            choices.pop()
        if not choices:
            return executions, None
        schedule = [choice for choice, _ in choices]
        schedule[-1] += 1


def execute(model, schedule):
    """Runs it once; the schedule says who goes on, for as long as it lasts."""
    threads, verdict = model
    waits = dict((thread, None) for thread in threads)
    choices = []
    while threads:
        ready = [t for t in threads if waits[t] is None or waits[t]()]
        if not ready:
            return "deadlock", choices
        known = len(choices) < len(schedule)
        choice = schedule[len(choices)] if known else 0
        choices.append((choice, len(ready)))
        try:
            waits[ready[choice]] = next(ready[choice])
        except StopIteration:
            threads.remove(ready[choice])
    return verdict(), choices
# ANCHOR_END: explore


class Shared(object):
    """What the threads of a model share."""

    def __init__(self, **values):
        self.__dict__.update(values)

    def two(self, body):
        """Two threads with this body, who must not lose a turn."""
        return ([body(self), body(self)],
                lambda: None if self.number == 2 else "a turn is lost")


def load_store():
    def body(shared):
        seen = shared.number
        yield  # anybody's turn
        shared.number = seen + 1

    return Shared(number=0).two(body)


def broken_check():
    def body(shared):
        yield lambda: not shared.taken  # looks
        yield  # anybody's turn
        shared.taken = True
        seen = shared.number
        yield
        shared.number = seen + 1
        shared.taken = False

    return Shared(number=0, taken=False).two(body)


def spin():
    def body(shared):
        yield lambda: not shared.taken  # looks, and takes in the same step
        shared.taken = True
        seen = shared.number
        yield
        shared.number = seen + 1
        shared.taken = False

    return Shared(number=0, taken=False).two(body)


def deadlock():
    shared = Shared(a=False, b=False)

    def body(first, second):
        yield lambda: not getattr(shared, first)
        setattr(shared, first, True)
        yield lambda: not getattr(shared, second)
        setattr(shared, second, True)
        setattr(shared, second, False)
        setattr(shared, first, False)

    return [body("a", "b"), body("b", "a")], lambda: None


def two_sections():
    shared = Shared(account=100)

    def body():
        enough = shared.account >= 100
        yield  # the lock is let go here, and taken again
        if enough:
            shared.account -= 100

    return ([body(), body()],
            lambda: None if shared.account >= 0 else "the account is overdrawn")


if __name__ == "__main__":
    sys.exit(main())
