"""What the examples about pools share."""


def have_all_threads(pool, run):
    """A ThreadPoolExecutor makes a thread when none is free: here all of them
    have to meet, so they are there before a clock is started."""
    gate = run.gate(run.threads)
    list(pool.map(lambda _: gate.wait(), range(run.threads)))
