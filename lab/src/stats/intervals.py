"""What SciPy makes of the samples in intervals.json: one sitting or several.

    python3 lab/src/stats/intervals.py          writes intervals.json anew
    python3 lab/src/stats/intervals.py --check  compares it with what SciPy says now

The rules are those of ../stats.rs. Of them, SciPy has Student's interval and that of
Hettmansperger and Sheather as functions of its own.
"""

import json
import math
import random
import statistics
import sys
from pathlib import Path

from scipy.stats import sem, t
from scipy.stats.mstats import median_cihs

FIXTURE = Path(__file__).with_name("intervals.json")


def interval(values):
    if len(values) > 5:
        return [float(end) for end in median_cihs(values, alpha=0.05)]
    if min(values) == max(values):
        return [values[0], values[0]]
    by_factors = min(values) > 0
    if by_factors:
        values = [math.log(value) for value in values]
    middle = statistics.fmean(values)
    ends = t.interval(0.95, len(values) - 1, loc=middle, scale=sem(values))
    if by_factors:
        return [math.exp(end) for end in ends]
    return [max(ends[0], 0.0) if min(values) >= 0 else ends[0], ends[1]]


def over_sittings(sittings):
    medians = [statistics.median(rounds) for rounds in sittings]
    rounds = interval(sum(sittings, []))
    between = interval(medians) if len(medians) > 1 else rounds
    return {
        "low": min(rounds[0], between[0]),
        "median": statistics.median(medians),
        "high": max(rounds[1], between[1]),
    }


def invented():
    """Samples of all sorts: times, counts with ties and zeros, differences."""
    dice = random.Random(11)
    kinds = [
        lambda: math.exp(dice.gauss(-9, 0.03)),
        lambda: float(dice.choice([0, 0, 1, 1, 2, 7])),
        lambda: dice.gauss(0, 5),
    ]
    for sittings in [1, 2, 3, 4, 5, 6, 9]:
        for rounds in [1, 2, 3, 5, 6, 11, 15, 25]:
            kind = kinds[(sittings + rounds) % 3]
            yield [[rounded(kind()) for _ in range(rounds)] for _ in range(sittings)]
    for sittings in [[300], [2, 9, 30]]:
        yield [[rounded(dice.expovariate(1)) for _ in range(n)] for n in sittings]


def rounded(sample):
    return float("%.6g" % sample)


def main():
    if sys.argv[1:] != ["--check"]:
        cases = [dict(over_sittings(s), sittings=s) for s in invented()]
        lines = ",\n".join(json.dumps(case) for case in cases)
        FIXTURE.write_text("[\n%s\n]\n" % lines)
        return
    for case in json.loads(FIXTURE.read_text()):
        for name, value in over_sittings(case["sittings"]).items():
            if not math.isclose(value, case[name], rel_tol=1e-9, abs_tol=1e-12):
                sys.exit("SciPy says %s %r now: %r" % (name, value, case))


if __name__ == "__main__":
    main()
