"""Keeps threads on one core, where that can be asked for."""

import os


def cores():
    """The hardware threads that we may use; none where nobody can say."""
    if not hasattr(os, "sched_getaffinity"):
        return set()
    return os.sched_getaffinity(0)


def stay(on):
    """Keeps the calling thread on these, and those that it starts."""
    if on:
        os.sched_setaffinity(0, on)


def on_one_core(work):
    """Calls `work()` with the calling thread, and those that it starts, on one
    core."""
    before = cores()
    stay(sorted(before)[:1])
    try:
        return work()
    finally:
        stay(before)
