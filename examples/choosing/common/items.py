"""The work of an item: half of its steps, its wait, the other half. A new
interpreter imports this, and so it imports next to nothing."""

import time


def chain(x, steps):
    """The generator of Park and Miller, each step on the result of the
    last."""
    for _ in range(steps):
        x = x * 48271 % 0x7fffffff
    return x


def item(i, given, half, wait_s, bytes_out):
    """One item, on a thread or in a process that sleeps while it waits.
    Returns its number and what comes out of it."""
    x = chain(i + 1 + len(given), half)
    if wait_s:
        time.sleep(wait_s)
    return chain(x, half), b"x" * bytes_out


def total(answers):
    """What a job answers, which has to have all its bytes."""
    return sum(x + len(out) for x, out in answers)
