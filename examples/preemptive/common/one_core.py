"""Keeps a thread on one core, where that can be asked for."""

import os


def on_one_core():
    """The calling thread only."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
