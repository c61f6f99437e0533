"""The table a reader gets at the terminal. ASCII, for any terminal there is."""

from __future__ import division

from lab_os import interpreter

UNITS = ("ns", "us", "ms", "s", "bytes")


def render(experiment, variants, samples, threads, rounds):
    """`samples` holds a variant's samples by its id."""
    here = interpreter()
    lines = ["", "%s: %s" % (experiment.name, experiment.question),
             "%d workers, %d rounds, %s %s, GIL: %s, %s"
             % (threads, rounds, here["implementation"], here["version"],
                "yes" if here["gil"] else "no", here["profile"])]
    cases = []
    for variant in variants:
        if variant.case not in cases:
            cases.append(variant.case)
    for case in cases:
        lines.append("" if case is None else "\n%s: %s" % case)
        group = [variant for variant in variants if variant.case == case]
        lines += aligned(rows(experiment.baseline, group, samples))
    note = "Confidence intervals, and Rust beside it: cargo book measure %s"
    return "\n".join(lines + ["", note % experiment.name])


def rows(baseline, group, samples):
    metrics = sorted(set(name for variant in group
                         for sample in samples[variant.id]
                         for name in sample["metrics"]))
    base = [[sample["wall_ns"] for sample in samples[variant.id]]
            for variant in group if variant.name == baseline]
    yield (["variant", "median", "min ... max", "speed-up", "CPU"]
           + [split(name)[0].replace("_", " ") for name in metrics]
           + ["observed"])
    for variant in group:
        own = samples[variant.id]
        wall = [sample["wall_ns"] for sample in own]
        row = [variant.label, time(median(wall)),
               "%s ... %s" % (time(min(wall)), time(max(wall))), "", ""]
        if base:  # round by round, so that a slow round slows both sides
            ratios = [then / now for then, now in zip(base[0], wall) if now]
            row[3] = "%.2f x" % median(ratios) if ratios else ""
        if all("cpu_ns" in sample for sample in own):
            use = [sample["cpu_ns"] / max(sample["wall_ns"], 1)
                   for sample in own]
            row[4] = "%.0f %%" % (100 * median(use))
        for name in metrics:
            values = [sample["metrics"].get(name) for sample in own]
            row.append("" if None in values
                       else with_unit(median(values), split(name)[1]))
        yield row + [own[-1]["answer"] if variant.observed else ""]


def aligned(cells):
    """Columns that no row fills are left out; the first and last go left."""
    cells = list(cells)
    last = len(cells[0]) - 1
    shown = [column for column in range(last + 1)
             if any(row[column] for row in cells[1:])]
    widths = [max(len(row[column]) for row in cells)
              for column in range(last + 1)]
    for row in cells:
        line = "  ".join(row[column].ljust(widths[column])
                         if column in (0, last)
                         else row[column].rjust(widths[column])
                         for column in shown)
        yield "  " + line.rstrip()


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    if len(values) % 2:
        return values[middle]
    return (values[middle - 1] + values[middle]) / 2


def split(metric):
    """A metric's name ends in its unit: start_up_us is in microseconds."""
    stem, _, unit = metric.rpartition("_")
    return (stem, unit) if unit in UNITS else (metric, "")


def with_unit(value, unit):
    if unit == "bytes":
        return size(value)
    if unit:
        return time(value * {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}[unit])
    return "%.0f" % value if value == int(value) else "%.2f" % value


def time(ns):
    if ns < 1e3:
        return "%.0f ns" % ns
    if ns < 1e6:
        return "%.1f us" % (ns / 1e3)
    if ns < 1e9:
        return "%.1f ms" % (ns / 1e6)
    return "%.2f s" % (ns / 1e9)


def size(count):
    if count < 10 * 1024:
        return "%.0f B" % count
    if count < 1024 ** 2:
        return "%.0f KiB" % (count / 1024)
    if count < 1024 ** 3:
        return "%.1f MiB" % (count / 1024 ** 2)
    return "%.1f GiB" % (count / 1024 ** 3)
