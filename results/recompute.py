"""Recomputes what the pages of Taking Turns print, from the records alone.

    python3 recompute.py                 beside the records: the published pages
    python3 recompute.py --pages FOLDER  pages that were built elsewhere
    python3 recompute.py --list          also what was not recomputed, one by one

It shares no line with the tool that builds the pages, and needs nothing but
Python 3.11: it reads the records by itself, makes medians, intervals, ratios,
verdicts and rounded numbers by the rules as they are written down in
results/README.md, on the page "How the numbers are made" and at the top of
lab/src/stats.rs and press/src/ask/number.rs, and reads in the HTML what was
asked (`data-of`) and what was printed for it. Every difference is one line, and
then it exits with 1.

Of a page in another language it reads what needs no words: numbers in sentences and
cells of tables.

In the repository it also holds the pages against their Markdown: what a sentence
asks for is what the page says that it shows, and what a sentence rests on is so.
"""

import argparse
import csv
import functools
import hashlib
import json
import math
import re
import sys
import tomllib
from collections import Counter, namedtuple
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

HERE = Path(__file__).resolve().parent
THIN = "\u202f"
REFERENCE = "epyc-2"
# What is asked of no record: a model computes it, of records and of a formula.
MODEL = "choosing"
# What is asked of all records together.
BOOK = "book"


class Absent(Exception):
    """A record has no such number; it says why."""


# Records, as results/README.md describes them.


def unsealed(text):
    """The record's text without blanks between its words, and with no seal."""
    bare = re.sub(r'("(?:[^"\\]|\\.)*")|\s+', r"\1", text)
    return re.sub(r'"seal":"[^"]*"}$', '"seal":""}', bare).encode()


def seal(text, version):
    data = unsealed(text)
    if version == 2:
        return "sha256:" + hashlib.sha256(data).hexdigest()
    fnv = 0xCBF29CE484222325
    for byte in data:
        fnv = (fnv ^ byte) * 0x100000001B3 % 2**64
    return f"fnv1a64:{fnv:016x}"


class Variant:
    def __init__(self, raw, version):
        self.runner, self.case, self.name = raw["runner"], raw.get("case"), raw["name"]
        self.id = "/".join(x for x in (self.runner, self.case, self.name) if x)
        self.threads = raw.get("threads")
        self.answers = sorted(raw["answers"])
        self.sittings = raw["samples"] if version == 2 else [raw["samples"]]
        self.timeline = raw.get("timeline", [])

    @property
    def answer(self):
        return "; or ".join(self.answers)

    def without(self, keep):
        """The same with those sittings only."""
        other = object.__new__(Variant)
        other.__dict__.update(self.__dict__)
        other.sittings = [s for i, s in enumerate(self.sittings) if keep(i)]
        return other


class Record:
    def __init__(self, path):
        self.machine = path.parent.name
        text = path.read_text(encoding="utf-8")
        raw = json.loads(text)
        self.version = raw["format"]
        self.is_sealed = raw["seal"] == seal(text, self.version)
        self.experiment, self.baseline = raw["experiment"], raw["baseline"]
        self.facts = raw["machine"]
        self.cores = self.facts["hardware_threads"]
        self.quick = raw["quick"]
        self.is_criterion = raw.get("method") == "criterion"
        self.runners = [(runner["name"], "gil" in runner) for runner in raw["runners"]]
        sittings = raw["sittings"] if self.version == 2 else [raw]
        self.rounds = [sitting["rounds"]["kept"] for sitting in sittings]
        self.warnings = {one["text"] for sitting in sittings
                         for one in sitting["warnings"]}
        self.dates = [sitting["date"][:10] for sitting in sittings]
        variants = [Variant(one, self.version) for one in raw["variants"]]
        self.variants = {variant.id: variant for variant in variants}
        controls = raw.get("controls", [])
        self.controls = [Variant(one, self.version) for one in controls]
        self.cache = {}

    def sitting(self, keep):
        """The same record of some of its sittings."""
        other = object.__new__(Record)
        other.__dict__.update(self.__dict__)
        other.cache = {}
        other.variants = {v.id: v.without(keep) for v in self.variants.values()}
        return other

    def find(self, lane):
        """`[runner/][case/]variant`; Rust is understood, Python is the first."""
        first, _, rest = lane.partition("/")
        names = [name for name, _ in self.runners]
        if first == "python":
            python = next((name for name, has_gil in self.runners if has_gil), first)
            lane = f"{python}/{rest}"
        elif first not in names:
            lane = f"rust/{lane}"
        if lane not in self.variants:
            raise Absent(f"no variant {lane}")
        return self.variants[lane]


def read_records(folder):
    """Every committed record, by machine and experiment."""
    machines = {}
    for path in sorted(folder.glob("*/*.json")):
        if path.parent.name not in ("local", "__pycache__"):
            record = Record(path)
            machines.setdefault(record.machine, {})[record.experiment] = record
    return machines


# Statistics, as the top of lab/src/stats.rs has them.

Estimate = namedtuple("Estimate", "median low high n sittings")


def at(values, place):
    """What stands at a place of sorted values that may lie between two."""
    below, above = values[math.floor(place)], values[math.ceil(place)]
    return below if below == above else below + (above - below) * (place % 1)


def quantile(values, q):
    return at(sorted(values), q * (len(values) - 1))


def median(values):
    return quantile(values, 0.5)


def student_below(t, freedom):
    """How often Student's t lies below `t`, by the closed forms of each."""
    square = t * t
    return 0.5 + {
        1: lambda: math.atan(t) / math.pi,
        2: lambda: t / (2 * math.sqrt(2 + square)),
        3: lambda: (t / math.sqrt(3) / (1 + square / 3)
                    + math.atan(t / math.sqrt(3))) / math.pi,
        4: lambda: 0.375 * t / math.sqrt(1 + square / 4)
        * (1 - square / 4 / (1 + square / 4) / 3),
    }[freedom]()


@functools.cache
def student(freedom):
    """What Student's t exceeds in one case of forty."""
    low, high = 0.0, 100.0
    for _ in range(200):
        middle = (low + high) / 2
        if student_below(middle, freedom) < 0.975:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@functools.cache
def depth(n):
    """Where the interval of a median begins among n sorted values, from 0.

    Between the r-th from either end lies the median of all with a probability
    that n throws of a coin tell; Hettmansperger and Sheather interpolate.
    """
    level, covered = Fraction(95, 100), Fraction(1)
    for r in range(n // 2 + 1):
        # Between the next from either end it is covered less often.
        following = covered - Fraction(2 * math.comb(n, r), 2**n)
        if following < level:
            share = (covered - level) / (covered - following)
            return float(r - 1 + (n - r) * share / (r + (n - 2 * r) * share))
        covered = following
    raise AssertionError(n)


def interval(values):
    """95 % of the median of what the values were drawn from."""
    values = sorted(values)
    first, last, n = values[0], values[-1], len(values)
    if n > 5:
        return at(values, depth(n)), at(values, n - 1 - depth(n))
    if first == last or math.isinf(first) or math.isinf(last):
        return first, last
    by_factors = first > 0
    scaled = [math.log(value) for value in values] if by_factors else values
    mean = math.fsum(scaled) / n
    spread = math.fsum((value - mean) ** 2 for value in scaled) / (n - 1)
    half = student(n - 1) * math.sqrt(spread / n)
    if by_factors:
        return math.exp(mean - half), math.exp(mean + half)
    return (max(mean - half, 0.0) if first >= 0 else mean - half), mean + half


def over_sittings(sittings):
    """The median of the sittings' medians, and an interval for those to come."""
    sittings = [rounds for rounds in sittings if rounds]
    if not sittings:
        raise Absent("no samples")
    medians = [median(rounds) for rounds in sittings]
    everything = [value for rounds in sittings for value in rounds]
    low, high = interval(everything)
    if len(medians) > 1:
        between = interval(medians)
        low, high = min(low, between[0]), max(high, between[1])
    return Estimate(median(medians), low, high, len(everything), len(medians))


# What may be asked of a record.

# The end of a metric's name: its unit, and what brings it to the unit's base.
SUFFIXES = {
    "ns": ("s", 1e-9),
    "us": ("s", 1e-6),
    "ms": ("s", 1e-3),
    "s": ("s", 1.0),
    "bytes": ("B", 1.0),
    "share": ("%", 1.0),
}
COUNTED = {
    "wall": ("wall_ns", "s", 1e-9),
    "cpu": ("cpu_ns", "s", 1e-9),
    "voluntary": ("voluntary", "", 1.0),
    "involuntary": ("involuntary", "", 1.0),
    "peak": ("peak_bytes", "B", 1.0),
}
ALIASES = {"overlap": "overlap_share", "overlap_inside": "overlap_inside_share"}

Value = namedtuple("Value", "estimate unit")


def own_unit(name):
    stem, _, suffix = name.rpartition("_")
    unit, scale = SUFFIXES.get(suffix, ("", 1.0)) if stem else ("", 1.0)
    return (stem if unit else name), unit, scale


def divided(above, below):
    if below == 0:
        return math.nan if above == 0 else math.copysign(math.inf, above)
    return above / below


def on_core(lane):
    return [(start, end) for start, end, _, state in lane["spans"]
            if state in ("running", "holding")]


def overlap(variant):
    """Of the time with a lane on a core, the share with two or more."""
    turns = sorted((when, step) for lane in variant.timeline
                   for start, end in on_core(lane) for when, step in
                   ((start, 1), (end, -1)))
    some = several = lanes = before = 0
    for when, step in turns:
        some += (when - before) * (lanes > 0)
        several += (when - before) * (lanes > 1)
        lanes, before = lanes + step, when
    return several / some if some else 0.0


def slices(variant):
    """Whole stretches on a core, without each lane's first and last."""
    lengths = []
    for lane in variant.timeline:
        stretches = []
        for start, end in on_core(lane):
            if stretches and stretches[-1][1] == start:
                stretches[-1][1] = end
            else:
                stretches.append([start, end])
        lengths += [(end - start) * 1e-9 for start, end in stretches[1:-1]]
    return lengths


def samples(record, variant, metric):
    """The metric's values, a list for each sitting, and their unit."""
    if metric == "threads":
        if variant.threads is None:
            raise Absent("threads were not counted")
        return [[float(variant.threads)]], ""
    if metric in ("slice", "slices"):
        if not variant.timeline:
            raise Absent("no timeline")
        lengths = slices(variant)
        if metric == "slices":
            return [[float(len(lengths))]], ""
        if not lengths:
            raise Absent("no whole slice")
        return [lengths], "s"
    if metric == "speedup":
        base = next((v for v in record.variants.values()
                     if v.runner == variant.runner and v.case == variant.case
                     and v.name == record.baseline), None)
        if base is None:
            raise Absent("nothing to compare with")
        pairs = zip(base.sittings, variant.sittings, strict=True)
        return [[divided(a, b) for a, b in
                 zip(s["wall_ns"], t["wall_ns"], strict=False)] for s, t in pairs], "x"
    lists, unit = [], None
    for sitting in variant.sittings:
        if not sitting["wall_ns"]:
            lists.append([])
            continue
        values, unit = of_sitting(sitting, metric)
        lists.append(values)
    if unit is None:
        raise Absent("it was left out")
    return lists, unit


def of_sitting(sitting, metric):
    def counted(name):
        if sitting.get(name) is None:
            raise Absent(f"{name} was not counted")
        return sitting[name]

    if metric in COUNTED:
        name, unit, scale = COUNTED[metric]
        return [value * scale for value in counted(name)], unit
    if metric == "switches":
        pairs = zip(counted("voluntary"), counted("involuntary"), strict=True)
        return [float(a + b) for a, b in pairs], ""
    if metric == "utilization":
        pairs = zip(counted("cpu_ns"), counted("wall_ns"), strict=True)
        return [cpu * 1e-9 / (wall * 1e-9) for cpu, wall in pairs], "%"
    name = ALIASES.get(metric, metric)
    values = sitting.get("metrics", {}).get(name)
    if values is None:
        raise Absent(f"no metric {metric}")
    _, unit, scale = own_unit(name)
    return [value * scale for value in values], unit


def bounds(metric):
    """What a metric can be at all: no time, count or ratio is below zero."""
    if metric in ALIASES:
        return 0.0, 1.0
    if metric in COUNTED or metric in ("speedup", "utilization", "switches", "threads",
                                       "slice", "slices"):
        return 0.0, math.inf
    stem, unit, _ = own_unit(metric)
    words = stem.split("_")
    if unit == "B" or (unit == "s" and "late" in words):
        return -math.inf, math.inf
    if unit == "%" and not {"cpu", "error"} & set(words):
        return 0.0, 1.0
    return 0.0, math.inf


def split_selector(text):
    lane, _, metric = text.strip().rpartition(".")
    if not lane or "/" in metric:
        raise Absent(f"{text} is no selector")
    return lane, metric


def ask(record, expression):
    """The value of `lane.metric`, or of one over another, round by round."""
    if expression not in record.cache:
        try:
            record.cache[expression] = fresh(record, expression)
        except Absent as why:
            record.cache[expression] = why
    found = record.cache[expression]
    if isinstance(found, Absent):
        raise found
    return found


def fresh(record, expression):
    above, slash, below = expression.partition(" / ")
    lane, metric = split_selector(above)
    lists, unit = samples(record, record.find(lane), metric)
    if not slash:
        estimate = over_sittings(lists)
        least, most = bounds(metric)
        low, high = max(estimate.low, least), max(min(estimate.high, most), least)
        return Value(estimate._replace(low=min(low, most), high=high), unit)
    lane, metric = split_selector(below)
    others, other_unit = samples(record, record.find(lane), metric)
    if unit != other_unit:
        raise Absent("different units")
    if [len(one) for one in lists] != [len(one) for one in others]:
        raise Absent("no rounds in common")
    ratios = [[divided(a, b) for a, b in zip(one, other, strict=True)]
              for one, other in zip(lists, others, strict=True)]
    estimate = over_sittings(ratios)
    if not math.isfinite(estimate.median):
        raise Absent("no ratio")
    return Value(estimate, "x")


# Numbers as pages print them: press/src/ask/number.rs says by which rules.

LADDERS = {
    "s": [(0.9995e-6, 1e9, "ns"), (0.9995e-3, 1e6, "µs"), (0.9995, 1e3, "ms"),
          (math.inf, 1.0, "s")],
    "B": [(2**10, 1.0, "B"), (2**20, 1 / 2**10, "KiB"), (2**30, 1 / 2**20, "MiB"),
          (math.inf, 1 / 2**30, "GiB")],
    "x": [(math.inf, 1.0, "×")],
    "%": [(math.inf, 100.0, "%")],
    "": [(math.inf, 1.0, "")],
}


def size(value):
    """What unit and digits go by; of a median of zero, the interval's reach."""
    e = value.estimate
    return e.median if e.median else max(abs(e.low), abs(e.high))


def unit_for(unit, number):
    if unit == "s" and number == 0:
        return 1.0, "s"
    ladder = LADDERS[unit]
    return next((scale, name) for end, scale, name in ladder if abs(number) < end)


def digit(x):
    """Which power of ten the first digit of a number counts."""
    return math.floor(math.log10(abs(x)))


def places_for(value, scale):
    """How many digits behind the point: as many as the interval carries."""
    e = value.estimate
    is_narrow = e.high - e.low < 1 and not (e.low % 1 == 0 and e.high % 1 == 0)
    if value.unit == "" and e.median % 1 == 0 and not is_narrow:
        return 0
    number, half = size(value) * scale, (e.high - e.low) / 2 * scale
    if number == 0 or (half == 0 and number % 1 == 0):
        return 0
    least, most = -digit(number), 2 - digit(number)
    wanted = -digit(half) if half > 0 else most
    return max(0, min(max(wanted, least), max(most, least)))


def rounded(x, places, how):
    """Ends go outward, the median to the nearest; no last digit moves either."""
    scaled = x * 10.0**places
    whole = math.floor(abs(scaled))
    nearest = math.copysign(whole + (abs(scaled) - whole >= 0.5), scaled)
    if abs(scaled - nearest) > abs(nearest) * 1e-9:
        if how == "low":
            nearest = float(math.floor(scaled))
        elif how == "high":
            nearest = float(math.ceil(scaled))
    return nearest / 10.0**places + 0.0


def written(x, places, how="median"):
    number = rounded(x, places, how)
    if number == 0:
        return "0"
    text = f"{number:.{places}f}"
    whole, point, fraction = text.partition(".")
    if len(whole.lstrip("-")) > 4:
        whole = f"{int(whole):,}".replace(",", THIN)
    return whole + point + fraction


def with_unit(number, unit):
    return number + THIN + unit if unit else number


def text_of(value, more=0):
    scale, unit = unit_for(value.unit, size(value))
    places = places_for(value, scale) + more
    return with_unit(written(value.estimate.median * scale, places), unit)


def interval_of(value, more=0):
    scale, unit = unit_for(value.unit, size(value))
    places = places_for(value, scale) + more
    low = written(value.estimate.low * scale, places, "low")
    high = written(value.estimate.high * scale, places, "high")
    return f"{low} to {with_unit(high, unit)}"


def both_of(value):
    if value.estimate.low == value.estimate.high:
        return text_of(value)
    return f"{text_of(value)} ({interval_of(value)})"


def rests_on(value):
    e = value.estimate
    count = "1 sample" if e.n == 1 else f"{e.n} samples"
    return f"{count} of one sitting" if e.sittings == 1 else (
        f"{count} in {e.sittings} sittings")


def bare(unit, x):
    """A number without an interval: three digits, or fewer if it is round."""
    scale, name = unit_for(unit, x)
    scaled = x * scale
    most = 0 if scaled == 0 or scaled % 1 == 0 else max(0, 2 - digit(scaled))
    text = written(scaled, most)
    short = text.rstrip("0").rstrip(".") if "." in text else text
    if abs(float(short.replace(THIN, "")) - scaled) <= abs(scaled) * 1e-9:
        text = short
    return with_unit(text, name)


def finer(values):
    """Digits more that numbers of a paragraph need, so that none overtakes."""
    more = [0] * len(values)

    def printed(i):
        scale, _ = unit_for(values[i].unit, size(values[i]))
        places = places_for(values[i], scale) + more[i]
        shown = rounded(values[i].estimate.median * scale, places, "median") / scale
        return shown, 10.0**-places / scale

    while True:
        for i, one in enumerate(values):
            found = None
            for j, other in enumerate(values):
                if one.unit != other.unit or (
                        one.estimate.median >= other.estimate.median):
                    continue
                (small, step), (great, its) = printed(i), printed(j)
                if small > great and small - great > abs(great) * 1e-9:
                    found = i if step > its else j
                    break
            if found is not None:
                break
        else:
            return more
        if more[found] >= 9:
            return more
        more[found] += 1


# Conditions and verdicts, as book/claims.toml and the ledger's page explain them.

UNITS = {"ns": ("s", 1e-9), "µs": ("s", 1e-6), "us": ("s", 1e-6), "ms": ("s", 1e-3),
         "s": ("s", 1.0), "B": ("B", 1.0), "KiB": ("B", 1024.0),
         "MiB": ("B", 1024.0 * 1024.0), "%": ("%", 0.01), "×": ("x", 1.0)}
HOLDS, FAILS, OPEN, UNTRIED = "holds", "does not hold", "undecided", "not tried"
SIGNS = {HOLDS: "+", FAILS: "-", OPEN: "?", UNTRIED: "0"}


def parts_of(condition):
    """`a.b > 1 and c.answer contains "x and y"`, taken apart."""
    quoted = re.split(r'("[^"]*")', condition)
    marked = [f"\0{i}\0" if i % 2 else part for i, part in enumerate(quoted)]
    for part in "".join(marked).split(" and "):
        yield re.sub(r"\0(\d+)\0", lambda found: quoted[int(found[1])], part).strip()


def judge_part(record, part):
    """What one comparison asks, its verdict, and what was measured, in words."""
    found = re.fullmatch(r"(.+)\.answer contains (.+)", part, re.S)
    if found:
        lane, wanted = found[1].strip(), found[2].strip().strip('"')
        answers = record.find(lane).answers
        having = sum(wanted in answer for answer in answers)
        verdict = HOLDS if having == len(answers) else OPEN if having else FAILS
        return f"{lane}.answer", verdict, record.find(lane).answer
    found = re.fullmatch(r"(.+?)\s*(<=|>=|==|<|>|\bstraddles\b)\s*([-+.\deE]+)\s*(\S*)",
                         part, re.S)
    if not found:
        raise Absent(f"`{part}` is no condition")
    expression, sign, number, unit = found.groups()
    threshold = float(number)
    value = ask(record, expression)
    if unit:
        wanted, scale = UNITS[unit]
        threshold *= scale
        fits = wanted == value.unit
    else:
        fits = value.unit not in ("s", "B")
    if not fits:
        raise Absent("the threshold has another unit")
    return expression, decide(value.estimate, sign, threshold), both_of(value)


def decide(e, sign, threshold):
    """A whole interval decides, and one that has the threshold within does not."""
    def is_it(end):
        return abs(end - threshold) <= abs(threshold) * 1e-9

    low, high = e.low, e.high
    if sign == "<":
        holds, fails = high < threshold, low >= threshold
    elif sign == "<=":
        holds, fails = high <= threshold, low > threshold
    elif sign == ">":
        holds, fails = low > threshold, high <= threshold
    elif sign == ">=":
        holds, fails = low >= threshold, high < threshold
    elif sign == "==":
        holds = is_it(low) and is_it(high)
        fails = not is_it(low) and not is_it(high) and not low <= threshold <= high
    else:
        holds, fails = low < threshold < high, threshold < low or threshold > high
    return HOLDS if holds else FAILS if fails else OPEN


def joined(verdicts):
    """All that must be so."""
    return next((v for v in (FAILS, OPEN) if v in verdicts), HOLDS)


def together(verdicts):
    """What the tests of a claim come to."""
    tried = {verdict for verdict in verdicts if verdict != UNTRIED}
    if not tried:
        return UNTRIED
    if {HOLDS, FAILS} <= tried:
        return "depends"
    return OPEN if OPEN in tried else tried.pop()


def judge(record, condition):
    """The verdict, what was measured, and each part's verdict by what it asks."""
    verdicts, measured, by_part = [], [], {}
    for part in parts_of(condition):
        asked, verdict, text = judge_part(record, part)
        verdicts.append(verdict)
        if asked not in by_part:
            measured.append(text)
        by_part[asked] = joined([by_part.get(asked, HOLDS), verdict])
    return joined(verdicts), "; ".join(measured), by_part


class Book:
    """The records and the claims, and whether they come out again."""

    def __init__(self, machines, claims, reference):
        self.machines, self.reference = machines, reference
        self.claims = {claim["id"]: claim for claim in claims}
        self.judged = {}

    def record(self, machine, experiment):
        record = self.machines.get(machine, {}).get(experiment)
        if record is None:
            raise Absent(f"no record of {experiment} on {machine}")
        return record

    def tests(self, claim_id, machine):
        """The verdict of each test, what was measured, and its parts'."""
        key = claim_id, machine
        if key not in self.judged:
            self.judged[key] = [self.test(self.claims[claim_id], one, machine)
                                for one in self.claims[claim_id].get("test", [])]
        return self.judged[key]

    def test(self, claim, test, machine):
        try:
            record = self.record(machine, test["experiment"])
            if record.cores < claim.get("needs-cores", 0):
                return UNTRIED, "", {}
            return judge(record, test["holds"])
        except Absent:
            return UNTRIED, "", {}

    def asks_model(self, claim_id):
        tests = self.claims[claim_id].get("test", [])
        return any(test["experiment"] == MODEL for test in tests)

    def verdict(self, claim_id, machine):
        tests = self.tests(claim_id, machine)
        if not tests:
            return "argued" if "argued" in self.claims[claim_id] else "open"
        return together([verdict for verdict, _, _ in tests])

    def sentence(self, claim_id, machine):
        """What the claim says of how its tests came out, or how many did how."""
        claim = self.claims[claim_id]
        verdicts = [v for v, _, _ in self.tests(claim_id, machine)]
        signs = "".join(SIGNS[v] for v in verdicts)
        for one in [claim, *claim.get("otherwise", [])]:
            outcomes = one.get("said-of", "").split(",")
            if "says" in one and signs in ["".join(of.split()) for of in outcomes]:
                return one["says"]
        if "says" not in claim:
            return ""
        if len(verdicts) == 1:
            return f"Its one test here: {verdicts[0]}."
        words = [(HOLDS, "holds", "hold"), (FAILS, "does not", "do not"),
                 (OPEN, "is undecided", "are undecided"),
                 (UNTRIED, "was not tried", "were not tried")]
        told = [(verdicts.count(v), one, many) for v, one, many in words]
        told = [f"{n} {one if n == 1 else many}" for n, one, many in told if n]
        return f"Of {len(verdicts)} tests {', '.join(told)}."

    def in_common(self, claim_id, machine):
        """Both verdicts, by the tests that were tried here and there."""
        pairs = zip(self.tests(claim_id, self.reference),
                    self.tests(claim_id, machine), strict=True)
        pairs = [(a[0], b[0]) for a, b in pairs if UNTRIED not in (a[0], b[0])]
        return together([a for a, _ in pairs]), together([b for _, b in pairs])

    def differs(self, claim_id, machine):
        ours, theirs = self.in_common(claim_id, machine)
        return ours != theirs

    @functools.cached_property
    def again(self):
        """Of all committed records: how many intervals overlap with whose."""
        counts = Again()
        for machine, records in self.machines.items():
            for record in records.values():
                for first, again in sittings_apart(record):
                    overlaps(first, again, "sittings", counts)
                counts.spread(record)
                known = self.machines[self.reference].get(record.experiment)
                if machine != self.reference and known:
                    overlaps(known, record, "machines", counts)
                for control in record.controls:
                    variant = record.variants.get(control.id)
                    if variant:
                        e = over_sittings([
                            [divided(a, b) for a, b in
                             zip(s["wall_ns"], t["wall_ns"], strict=False)]
                            for s, t in zip(control.sittings, variant.sittings,
                                            strict=False)])
                        counts.add(["controls.hold"], e.low <= 1 <= e.high)
                        of = f"{machine}: {record.experiment}: {control.id}"
                        counts.controls.append((of, e))
        return counts


class Again:
    """Pairs of intervals, counted for all records, a machine and an experiment."""

    def __init__(self):
        self.overlapping, self.of = Counter(), Counter()
        self.moves, self.spreads, self.controls = {}, {}, []

    def add(self, keys, overlaps, move=None):
        for key in keys:
            self.of[key] += 1
            self.overlapping[key] += overlaps
            if move:
                self.moves.setdefault(key, []).append(move)

    def share(self, key):
        return self.overlapping[key] / self.of[key] if self.of[key] else math.nan

    def spread(self, record):
        """How far the medians of a variant's sittings lie apart."""
        for variant in record.variants.values() if len(record.rounds) > 1 else ():
            lists = samples(record, variant, "wall")[0]
            medians = [median(rounds) for rounds in lists if rounds]
            share = divided(max(medians) - min(medians), median(medians))
            if math.isfinite(share):
                self.spreads.setdefault(record.machine, []).append(share)


def sittings_apart(record):
    """The other sittings, and each that was left out of them."""
    count = len(record.rounds)
    for left in range(1, 2) if count == 2 else range(count):
        if count > 1 and record.rounds[left] > 1:
            yield (record.sitting(lambda i, s=left: i != s),
                   record.sitting(lambda i, s=left: i == s))


def overlaps(first, again, what, counts):
    for name in sorted({*first.variants, *again.variants}):
        metrics = {("times", "wall")}
        for record in (first, again):
            variant = record.variants.get(name)
            if variant is None:
                continue
            if variant.name != record.baseline:
                metrics.add(("speedups", "speedup"))
            for sitting in variant.sittings:
                metrics |= {("metrics", own) for own in sitting.get("metrics", {})}
        for kind, metric in metrics:
            try:
                one, two = (ask(r, f"{name}.{metric}").estimate for r in (first, again))
            except Absent:
                continue
            if all(map(math.isfinite, one[:3] + two[:3])):
                ratio = divided(two.median, one.median)
                move = max(ratio, 1 / ratio) if 0 < ratio < math.inf else None
                key = f"{what}.{kind}"
                keys = [key, (key, again.machine),
                        (key, again.machine, again.experiment)]
                counts.add(keys, one.low <= two.high and two.low <= one.high, move)


# Pages, as a tree.

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta",
        "source", "track", "wbr"}


class Node:
    def __init__(self, tag, attrs, parent):
        self.tag, self.attrs, self.parent, self.kids = tag, attrs, parent, []

    def text(self):
        return "".join(k if isinstance(k, str) else k.text() for k in self.kids)

    def walk(self):
        yield self
        for kid in self.kids:
            if not isinstance(kid, str):
                yield from kid.walk()

    def all(self, tag=None, of=None, has=None):
        """Those below it of that tag, class and attribute."""
        for node in self.walk():
            if node is not self and (tag is None or node.tag == tag) and (
                    of is None or of in node.classes) and (
                    has is None or has in node.attrs):
                yield node

    def first(self, *args, **kinds):
        return next(self.all(*args, **kinds), None)

    def up(self, has=None, tag=None):
        """The nearest around it that has that attribute, or is of that tag."""
        node = self.parent
        while node and not ((has and has in node.attrs) or (tag and node.tag == tag)):
            node = node.parent
        return node

    @property
    def classes(self):
        return (self.attrs.get("class") or "").split()


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.root = self.here = Node("", {}, None)

    def handle_starttag(self, tag, attrs):
        node = Node(tag, dict(attrs), self.here)
        self.here.kids.append(node)
        if tag not in VOID:
            self.here = node

    def handle_startendtag(self, tag, attrs):
        self.here.kids.append(Node(tag, dict(attrs), self.here))

    def handle_endtag(self, tag):
        node = self.here
        while node and node.tag != tag:
            node = node.parent
        if node:
            self.here = node.parent

    def handle_data(self, data):
        self.here.kids.append(data)


def read_page(path):
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    return reader.root


def blank(text):
    """As a browser shows it: one blank for several."""
    return re.sub(r"[ \n\t]+", " ", text).strip()


# What pages print, against what the records say.


class Check:
    def __init__(self, book, folder):
        self.book, self.folder = book, folder
        self.counts = Counter()
        self.differences, self.left_out = [], []
        self.page, self.is_translated = "", False

    def differ(self, what, printed, recomputed):
        self.differences.append(
            f"{self.page}: {what}: the page has {printed!r}, the records say "
            f"{recomputed!r}")

    def compare(self, kind, what, printed, recomputed):
        self.counts[kind] += 1
        if self.is_translated:
            printed = printed.replace(",", ".")
        printed = blank(printed) if isinstance(printed, str) else printed
        if isinstance(recomputed, str):
            recomputed = blank(recomputed)
        if printed != recomputed:
            self.differ(what, printed, recomputed)

    def value(self, machine, of):
        """What is asked, of a machine's record; None where no record has it."""
        experiment, _, expression = of.partition(": ")
        try:
            return ask(self.book.record(machine, experiment), expression)
        except Absent:
            return None

    def is_left_out(self, of, what):
        """What a model computes is not recomputed, and that is told."""
        if of.partition(":")[0] == MODEL:
            self.left_out.append(f"{self.page}: {of} ({what})")
            return True
        return False

    def whole(self, name, root, asked):
        self.page = name
        # Numbers have their order in the text by their popovers.
        numbers = [n for n in root.all("span", "used") if "data-of" in n.attrs]
        numbers.sort(key=lambda n: int(n.first("button").attrs["popovertarget"]
                                       .rpartition("-")[2]))
        language = root.first("html").attrs.get("lang", "en")
        self.is_translated = not language.startswith("en")
        self.sentences(numbers, asked)
        if self.is_translated:
            # Its words are another's; its numbers are ours, but for their points.
            for table in root.all("table"):
                if table.first("th", has="data-metric"):
                    self.table(table)
            return
        for node in root.walk():
            classes = node.classes
            if node.tag == "button" and "data-of" in node.attrs:
                self.of_book(node)
            elif node.tag == "table":
                self.table(node)
            elif node.tag == "figure":
                self.figure(node)
            elif node.tag == "div" and "predict" in classes:
                self.predict(node)
            elif node.tag == "div" and "verdict" in classes:
                self.verdict(node)
            elif node.tag == "div" and "entry" in classes:
                self.entry(node)
            elif "differs" in classes:
                self.differing(node)
            elif "data-verdict" in node.attrs:
                self.counts["verdicts"] += 1
                self.claimed(node, node.attrs["data-verdict"], self.book.reference)
            elif "margin-note" in classes:
                self.note(node)
            elif "crossing" in classes:
                self.crossing(node)
            elif node.tag == "a" and node.attrs.get("aria-label", "").startswith(
                    "data of "):
                self.source(node)
            elif "data-choosing" in node.attrs:
                self.constants(node)
            elif node.tag == "span" and "data-of" in node.attrs and (
                    "used" not in classes):
                self.one(node)

    # Sentences.

    def sentences(self, numbers, asked):
        """Numbers of paragraphs; `asked` is what the Markdown asks, if it is there."""
        if asked is None:
            groups = [[number] for number in numbers]
        else:
            found = [number.attrs["data-of"] for number in numbers]
            if [of for _, of in asked] != found:
                self.differ("what sentences ask for", found, [of for _, of in asked])
                return
            self.counts["questions"] += len(found)
            by_paragraph = {}
            for (paragraph, _), number in zip(asked, numbers, strict=True):
                by_paragraph.setdefault(paragraph, []).append(number)
            groups = by_paragraph.values()
        for group in groups:
            for machine in self.book.machines:
                self.paragraph(group, machine, asked is not None)

    def paragraph(self, group, machine, is_whole):
        having = []
        for number in group:
            value = self.value(machine, number.attrs["data-of"])
            printed = [n for n in number.first("button").all("span")
                       if n.attrs.get("data-machine") == machine]
            if self.is_left_out(number.attrs["data-of"], machine):
                continue
            if bool(printed) != (value is not None):
                self.differ(f"{number.attrs['data-of']} on {machine}",
                            [n.text() for n in printed], value and text_of(value))
            elif value:
                having.append((number, printed[0], value))
        more = finer([value for _, _, value in having])
        for (number, printed, value), digits in zip(having, more, strict=True):
            what = f"{number.attrs['data-of']} on {machine}"
            if not is_whole:
                # Which numbers share a paragraph, only the Markdown tells.
                tries = [d for d in range(3)
                         if text_of(value, d) == printed.text().replace(",", ".")]
                digits = tries[0] if tries else 0
            self.compare("numbers", what, printed.text(), text_of(value, digits))
            if self.is_translated:
                continue
            about = next(n for n in number.first(of="about").all("span")
                         if n.attrs.get("data-machine") == machine)
            wanted = (f"{text_of(value, digits)} 95 % interval "
                      f"{interval_of(value, digits)} over {rests_on(value)}. ")
            begins = blank(about.text())[:len(blank(wanted))]
            self.compare("intervals", what, begins, wanted)

    def of_book(self, button):
        """A share that is counted over all records."""
        what = button.attrs["data-of"].partition(": ")[2]
        counts = self.book.again
        share, of = counts.share(what), counts.of[what]
        value = Value(Estimate(share, share, share, of, 1), "%")
        self.compare("numbers", f"book: {what}", button.text(), text_of(value))
        about = button.parent.first(of="about", has="popover")
        self.compare("counts", f"book: {what}", about.text(),
                     f"{text_of(value)} of {of}, counted over all records.")

    def one(self, node):
        of, block = node.attrs["data-of"], node.up(has="data-machine")
        machine = block.attrs["data-machine"] if block else self.book.reference
        if not self.is_left_out(of, machine):
            value = self.value(machine, of)
            self.compare("numbers", f"{of} on {machine}", node.text(),
                         value and text_of(value))

    def predict(self, node):
        """What a script holds a guess against: median and ends, in one unit."""
        number = node.first("span", "used", "data-of")
        if number is None:
            self.differ("a guess", "a number without `data-of`", "what it is of")
            return
        of = number.attrs["data-of"]
        if self.is_left_out(of, "a guess"):
            return
        ours = self.value(self.book.reference, of)
        if ours is None:
            self.differ(f"a guess at {of}", node.attrs["data-values"], None)
            return
        scale, unit = unit_for(ours.unit, size(ours))
        self.compare("numbers", f"the unit of {of}", node.attrs["data-unit"], unit)
        for part in node.attrs["data-values"].split(";"):
            machine, *numbers = part.split(" ")
            value = self.value(machine, of)
            if value is None:
                self.differ(f"a guess at {of} on {machine}", part, None)
                continue
            e, places = value.estimate, places_for(value, scale)
            wanted = [rounded(x * scale, places, how) for x, how in
                      [(e.median, "median"), (e.low, "low"), (e.high, "high")]]
            self.compare("numbers", f"a guess at {of} on {machine}",
                         [float(n) for n in numbers], wanted)

    def note(self, node):
        machine = node.attrs["data-machine"]
        if "data-of" not in node.attrs:
            self.differ(f"a note on {machine}", "no `data-of`", "what it is of")
            return
        experiment, _, condition = node.attrs["data-of"].partition(": ")
        if self.is_left_out(node.attrs["data-of"], machine):
            return
        _, measured, _ = judge(self.book.record(machine, experiment), condition)
        self.compare("numbers", f"the note on {machine}",
                     node.text()[-len(measured) - 3:], f": {measured}.")

    # Figures and tables.

    def table(self, table):
        heads = list(table.first("thead").all("th")) if table.first("thead") else []
        rows = list(table.first("tbody").all("tr")) if table.first("tbody") else []
        titles = [blank(head.text()) for head in heads]
        if titles[1:3] == ["processor", "cores"]:
            self.machines(rows, titles)
        elif titles[1:2] == ["intervals of"] or titles[1:2] == ["times"]:
            self.again(table, rows, titles)
        elif titles[1:2] == ["days"]:
            self.spreads(rows)
        elif titles[:2] == ["control", "ratio"]:
            self.controls(rows)
        block = table.up(has="data-machine")
        machine = block.attrs["data-machine"] if block else None
        for row in rows:
            cells = [k for k in row.kids if not isinstance(k, str)]
            if "data-claim" in row.attrs:
                self.compared(row, cells, heads)
            elif "data-of" in row.attrs and not self.is_left_out(
                    row.attrs["data-of"], "a row"):
                self.row(row.attrs["data-of"], cells, heads, machine)

    def row(self, of, cells, heads, machine):
        experiment, _, asked = of.partition(": ")
        record = self.book.record(machine, experiment)
        is_lane = any("data-metric" in head.attrs for head in heads)
        if not is_lane and re.search(r" (<|>|<=|>=|==) ", asked):
            return self.planted(record, asked, cells)
        for cell, head in zip(cells, heads, strict=True):
            metric, title = head.attrs.get("data-metric"), blank(head.text())
            if is_lane and metric is None or not is_lane and title not in (
                    "median", "95 % interval", "samples"):
                if title == "observed" and not self.is_translated:
                    self.compare("answers", of, cell.text(), record.find(asked).answer)
                continue
            expression = f"{asked}.{metric}" if is_lane else asked
            try:
                value = ask(record, expression)
            except Absent:
                self.compare("numbers", of, cell.text(), "–")
                continue
            if self.is_translated and " " in blank(cell.text()).replace(THIN, ""):
                # An interval, in words.
                continue
            if title == "95 % interval":
                self.compare("intervals", of, cell.text(), interval_of(value))
            elif title == "samples":
                self.compare("counts", of, cell.text(), str(value.estimate.n))
            else:
                text = text_of(value)
                if is_lane and value.unit == "" and 0 < value.estimate.median < 0.0005 \
                        and metric not in ("slices",):
                    text = f"<{THIN}0.001"
                self.compare("numbers", f"{experiment}: {expression} on {machine}",
                             cell.text(), text)

    def machines(self, rows, titles):
        """Every machine there are records of."""
        for row in rows:
            cells = [k.text() for k in row.kids if not isinstance(k, str)]
            told = dict(zip(titles, cells, strict=True))
            name = told["machine"]
            records = self.book.machines[name].values()
            facts = next(iter(records)).facts
            threads = facts["hardware_threads"]
            wanted = [
                str(threads) if facts.get("cores", threads) == threads
                else f"{facts['cores']} ({threads} hardware threads)",
                bare("B", facts["memory_bytes"]), str(len(records)),
                max(record.dates[-1] for record in records)]
            self.compare("counts", f"the machine {name}",
                         [blank(told[title]) for title in
                          ("cores", "memory", "experiments", "measured")],
                         [blank(text) for text in wanted])

    def again(self, table, rows, titles):
        """Whether it comes out again: of a machine, or of its experiments."""
        counts, kinds = self.book.again, ["times", "speedups", "metrics"]
        for i, row in enumerate(rows):
            first, *cells = [blank(k.text()) for k in row.kids
                             if not isinstance(k, str)]
            if titles[1] == "intervals of":
                what = "sittings" if titles[0] == "machine" else "machines"
                key = f"{what}.{kinds[i % 3]}", first
                moves = counts.moves.get(key, [1.0])
                wanted = [f"{counts.overlapping[key]} of {counts.of[key]}",
                          f"{counts.share(key) * 100:.1f}{THIN}%",
                          f"{median(moves):.2f}{THIN}×", f"{max(moves):.2f}{THIN}×"]
                self.compare("counts", f"{key}", cells[1:5], wanted)
                continue
            summary = table.up(tag="details").first("summary").text()
            what = "sittings" if " sittings on " in summary else "machines"
            machine = re.search(r" on (\S+)", summary)[1]
            keys = [(f"{what}.{kind}", machine, first) for kind in kinds]
            moves = [move for key in keys[:2] for move in counts.moves.get(key, [])]
            wanted = [f"{counts.overlapping[key]} of {counts.of[key]}"
                      if counts.of[key] else "–" for key in keys]
            wanted.append(f"{max(moves):.2f}{THIN}×" if moves else "–")
            self.compare("counts", f"{first} on {machine}", cells[:4], wanted)

    def controls(self, rows):
        """The controls whose interval has no 1 in it."""
        printed = [[blank(k.text()) for k in row.kids if not isinstance(k, str)]
                   for row in rows]
        apart = [(of, e) for of, e in self.book.again.controls
                 if not e.low <= 1 <= e.high]
        wanted = [[of, blank(f"{e.median:.3f}{THIN}×"),
                   blank(f"{e.low:.3f} to {e.high:.3f}{THIN}×")] for of, e in apart]
        self.compare("counts", "controls", sorted(printed), sorted(wanted))

    def spreads(self, rows):
        """How far a variant's sittings lie apart on each machine."""
        for row in rows:
            machine, *cells = [blank(k.text()) for k in row.kids
                               if not isinstance(k, str)]
            days = {day for record in self.book.machines[machine].values()
                    for day in record.dates}
            shares = self.book.again.spreads[machine]
            wanted = [str(len(days)), str(len(shares))]
            wanted += [f"{quantile(shares, q) * 100:.1f}{THIN}%" for q in (0.5, 0.9)]
            self.compare("counts", f"sittings on {machine}", cells, wanted)

    def planted(self, record, condition, cells):
        try:
            verdict, measured, _ = judge(record, condition)
        except Absent:
            self.compare("verdicts", condition, cells[1].text(), UNTRIED)
            return
        self.compare("verdicts", condition, cells[1].text(), verdict)
        self.compare("numbers", condition, cells[2].text(), measured)

    def figure(self, figure):
        """What is drawn and spoken is what stands in the figure's data."""
        if not {"measured-figure", "measured-table"} & set(figure.classes):
            return
        for block in figure.all(has="data-machine"):
            if block.tag not in ("div", "details") or "machine" not in block.classes:
                continue
            self.counts["links"] += 1
            if not any(a.attrs.get("aria-label", "").startswith("data of ")
                       for a in block.all("a")):
                self.differ("a figure", "no link to its data", "one")
            data = next((t for t in block.all("table")
                         if "matrix" not in t.classes and t.first("tr", has="data-of")),
                        None)
            if data is None or "measured-figure" not in figure.classes:
                continue
            heads = [blank(h.text()) for h in data.first("thead").all("th")]
            if "median" not in heads:
                continue
            column = heads.index("median")
            medians = []
            for row in data.first("tbody").all("tr"):
                cells = [k for k in row.kids if not isinstance(k, str)]
                medians.append(cells[column].text())
            self.drawn(block, medians)
        self.unsure(figure)
        if "timeline" in figure.classes:
            self.timeline(figure)

    def timeline(self, figure):
        """What a timeline says aloud, lane by lane, and a kitchen beside it."""
        for block in figure.all(of="machine"):
            rows = list(block.all("tr", has="data-of"))
            svgs = list(block.all("svg", has="aria-label"))
            for row, svg in zip(rows, svgs, strict=True):
                experiment, _, lane = row.attrs["data-of"].partition(": ")
                record = self.book.record(block.attrs["data-machine"], experiment)
                variant, said = record.find(lane), svg.attrs["aria-label"]
                last = max(lane["spans"][-1][1] for lane in variant.timeline
                           if lane["spans"])
                if "kitchens" in figure.classes:
                    wanted = f"all in {bare('s', last * 1e-9)}"
                    shown = svg.parent.first("span", "all").text()
                    self.compare("drawn", lane, shown, wanted)
                    self.compare("drawn", lane, said[-len(wanted) - 1:], wanted + ".")
                    continue
                wanted = ""
                for one in variant.timeline:
                    spans = on_core(one)
                    share = sum(end - start for start, end in spans) / last * 100
                    wanted += (f" {one['lane']} was on a core {share:.0f} % of the "
                               f"time, in {len(spans)} slices.")
                both = overlap(variant) * 100
                wanted += f" Two or more at once for {both:.0f} % of the time."
                self.compare("drawn", lane, said[-len(wanted):], wanted)

    def drawn(self, block, medians):
        for svg in block.all("svg", has="aria-label"):
            said = re.findall(r": ([^:]+?)\.(?= |$)", svg.attrs["aria-label"])
            tail = said[-len(medians):]
            self.compare("drawn", "what a figure says aloud", tail, medians)
            shown = [t.text() for t in svg.all("text", "value")]
            if shown:
                self.compare("drawn", "what is written in a figure", shown, medians)
        matrix = block.first("table", "matrix")
        if matrix:
            cells = [blank(cell.text()) for cell in matrix.all("td")]
            shown = [cell for cell in cells if cell != "–"]
            self.compare("drawn", "the cells of a matrix", shown,
                         [blank(text) for text in medians])

    def unsure(self, figure):
        """By how much the numbers that a figure calls unstable may be off."""
        for told in figure.all("p", "provenance"):
            if not told.text().startswith("unstable: "):
                continue
            block = told.up(has="data-machine")
            named = re.search(r"cargo book measure (\S+) --add", told.text())
            if not named:
                self.warned(figure, told)
                continue
            experiment, errors = named[1], []
            for row in block.all("tr", has="data-of"):
                of = row.attrs["data-of"]
                if not of.startswith(experiment + ": "):
                    continue
                heads = list(row.up(tag="table").first("thead").all("th"))
                metrics = [h.attrs["data-metric"] for h in heads
                           if "data-metric" in h.attrs]
                for asked in [f"{of}.{m}" for m in metrics] or [of]:
                    value = self.value(block.attrs["data-machine"], asked)
                    if value and value.unit in ("s", "x") and value.estimate.median:
                        e = value.estimate
                        errors.append((e.high - e.low) / 2 / abs(e.median))
            errors = sorted((e for e in errors if e > 0.10), reverse=True)
            wanted = [f"{e * 100:.0f}{THIN}%" if e < 1 else f"{e:.1f} times"
                      for e in errors[:3]]
            text = told.text()
            said = re.findall(r"may be off by ([\d.]+\u202f%|[\d.]+ times)", text)
            more = re.search(r" and (\d+) more; ", text)
            self.compare("warnings", f"what is unstable of {experiment}",
                         [said, int(more[1]) if more else 0],
                         [wanted, max(len(errors) - 3, 0)])

    def warned(self, figure, told):
        """A warning of the record's own, from when it was measured."""
        links = [a.attrs.get("aria-label", "") for a in figure.all("a")]
        known = set()
        for link in links:
            found = re.fullmatch(r"data of (\S+) on (\S+)", link)
            if found and found[1] != MODEL:
                known |= self.book.record(found[2], found[1]).warnings
        text = re.sub(" · why$", "", told.text().partition(": ")[2])
        text = re.sub(r"^sittings? [\d, ]+: ", "", text)
        self.compare("warnings", "a warning", text,
                     text if text in known else sorted(known))

    def crossing(self, node):
        """Where one variant lies below another, and where above."""
        experiment, _, metric = node.attrs["data-of"].partition(": ")
        one, other = node.attrs["data-crossing"].split(",")
        block = node.up(has="data-machine")
        record = self.book.record(block.attrs["data-machine"], experiment)
        drawn = [row.attrs["data-of"].partition(": ")[2].rpartition(".")[0]
                 for row in block.all("tr", has="data-of")]
        places = {"below": [], "above": [], "indistinguishable": []}
        for lane in drawn:
            head, _, name = lane.rpartition("/")
            if name != one or f"{head}/{other}" not in drawn:
                continue
            e = ask(record, f"{lane}.{metric} / {head}/{other}.{metric}").estimate
            how = ("below" if e.high < 1 else "above" if e.low > 1
                   else "indistinguishable")
            places[how].append(float(head.rpartition("/")[2]))
        told = {how: sorted(at) for how, at in places.items() if at}
        text = re.sub("“[^”]*”", "", node.text())
        for how, cases in told.items():
            wanted = ", ".join(bare("", case) for case in cases)
            found = re.search(how + r"(?: from)? *(everywhere|at ([^;]*?))[;.]", text)
            said = found and (found[2] or found[1])
            self.compare("numbers", f"where {one} is {how} {other}", said,
                         "everywhere" if len(told) == 1 else wanted)

    def thresholds(self, claim, block):
        """The numbers above the axes are those that the ledger has."""
        known = set()
        for test in self.book.claims[claim].get("test", []):
            for part in parts_of(test["holds"]):
                found = re.search(r"(?:[<>=]|straddles) *([-\d.]+) *(\S*)$", part)
                unit, scale = UNITS.get(found[2], ("", 1.0)) if found else ("", 1.0)
                if found:
                    known |= {bare(unit, float(found[1]) * scale)
                              for unit in ([unit] if unit else ["", "x", "%"])}
        for head in block.all("li", "trial-head"):
            for span in head.all("span"):
                said = re.fullmatch(r"holds (?:above|below|if|from) (.*)", span.text())
                for text in said[1].split(" to ") if said else []:
                    self.compare("thresholds", claim, text,
                                 text if text in known else sorted(known))

    def source(self, link):
        """Rounds and sittings of the record that a number came from."""
        found = re.fullmatch(r"data of (\S+) on (\S+)", link.attrs["aria-label"])
        href = link.attrs["href"]
        if not (self.folder / self.page).parent.joinpath(href).resolve().is_file():
            self.differ(link.attrs["aria-label"], href, "a file that is there")
        # An order of steps has no rounds.
        if not found or found[1] == MODEL:
            return
        experiment, machine = found.groups()
        before = link.parent.text()
        record = self.book.record(machine, experiment)
        told = re.findall(r"(?:(\d+) interleaved rounds|(1) round|Criterion, (\d+) "
                          r"samples)(?: in (\d+) sittings)?", before)
        rounds, sittings = sum(record.rounds), len(record.rounds)
        wanted = (str(rounds), str(sittings) if sittings > 1 else "")
        said = [("".join(one[:3]), one[3]) for one in told]
        self.compare("counts", f"rounds of {experiment} on {machine}",
                     wanted if wanted in said else said, wanted)

    def constants(self, node):
        """What the form has of each machine: a constant is a number of a record."""
        sources = HERE.parent / "examples/choosing/costs.toml"
        if not sources.is_file():
            return
        sources = tomllib.loads(sources.read_text(encoding="utf-8"))
        scales = {"ns": 1e-9, "bytes": 1.0}
        for machine in json.loads(node.attrs["data-choosing"])["machines"]:
            for name, number in machine["costs"].items():
                source = sources[name]
                whose = (self.book.reference if name in machine["borrowed"]
                         else machine["name"])
                value = self.value(whose, source["selector"])
                wanted = value and value.estimate.median / scales.get(
                    source["unit"], 1.0)
                self.counts["constants"] += 1
                if wanted is None or not math.isclose(number, wanted, rel_tol=1e-9):
                    self.differ(f"{name} on {whose}", number, wanted)

    # Verdicts.

    def claimed(self, node, printed, machine, what="the verdict of"):
        claim = node.attrs["data-claim"]
        if self.book.asks_model(claim):
            self.left_out.append(f"{self.page}: claim {claim}")
        else:
            self.compare("verdicts", f"{what} {claim} on {machine}", printed,
                         self.book.verdict(claim, machine))

    def verdict(self, node):
        claim = node.attrs["data-claim"]
        if self.book.asks_model(claim):
            self.left_out.append(f"{self.page}: claim {claim}")
            return
        for block in node.all(of="machine"):
            self.trial(claim, block, block.attrs["data-machine"])
        for told in node.all("p", "elsewhere"):
            machine, printed = re.match(r"But on (\S+): ([a-z ]+)\.",
                                        told.text()).groups()
            self.compare("verdicts", f"{claim} on {machine}", printed,
                         self.book.verdict(claim, machine))
            counted = re.search(r"Of the (\d+) tests, (\d+) could", told.text())
            verdicts = [v for v, _, _ in self.book.tests(claim, machine)]
            tried = len([v for v in verdicts if v != UNTRIED])
            self.compare("counts", f"tests of {claim} on {machine}",
                         counted and [int(n) for n in counted.groups()],
                         [len(verdicts), tried] if tried < len(verdicts) else None)

    def trial(self, claim, block, machine):
        book, tests = self.book, self.book.tests(claim, machine)
        self.compare("verdicts", f"the verdict of {claim} on {machine}",
                     block.first("b").text(), book.verdict(claim, machine))
        said = block.first("p", "said")
        self.compare("sentences", f"what {claim} says on {machine}",
                     said.text() if said else "", book.sentence(claim, machine))
        asked = block.first("details", "asked")
        lines = [k for k in asked.first("ul").kids if not isinstance(k, str)] \
            if asked else []
        for i, (line, (verdict, measured, _)) in enumerate(zip(lines, tests,
                                                               strict=True)):
            text = re.sub("; the threshold was written after a record$", "",
                          line.text())
            wanted = (f"; {verdict}, measured {measured}" if verdict != UNTRIED
                      else f"; {verdict}: ")
            what = f"test {i + 1} of {claim} on {machine}"
            if verdict == UNTRIED:
                self.compare("tests", what, wanted in text, True)
            else:
                self.compare("tests", what, text[-len(wanted):], wanted)
        self.thresholds(claim, block)
        for row in block.all("li", has="data-of"):
            self.trial_row(claim, row, machine)

    def trial_row(self, claim, row, machine):
        of = row.attrs["data-of"]
        experiment, _, asked = of.partition(": ")
        shorts = {parts[asked] for test, (_, _, parts) in
                  zip(self.book.claims[claim]["test"], self.book.tests(claim, machine),
                      strict=True)
                  if test["experiment"] == experiment and asked in parts}
        shorts = {"no" if verdict == FAILS else verdict for verdict in shorts}
        printed = [k for k in row.kids if not isinstance(k, str) and k.tag == "b"]
        word = printed[-1].text()
        self.compare("verdicts", f"{of} on {machine}", word,
                     word if word in shorts else sorted(shorts))
        if asked.endswith(".answer"):
            answer = self.book.record(machine, experiment).find(asked[:-7]).answer
            self.compare("answers", of, row.first(of="answered").text(), answer)
        else:
            value = self.value(machine, of)
            self.compare("numbers", f"{of} on {machine}", row.first(of="found").text(),
                         value and text_of(value))

    def entry(self, node):
        """A line of the ledger: the verdict, and where another machine differs."""
        claim = node.first("div", "verdict").attrs["data-claim"]
        if self.book.asks_model(claim):
            return
        summary = node.first("summary")
        self.compare("verdicts", f"the ledger of {claim}", summary.first("b").text(),
                     self.book.verdict(claim, self.book.reference))
        printed = {there.text() for there in summary.all("span", "there")}
        others = [m for m in self.book.machines if m != self.book.reference]
        wanted = {f"{m}: {self.book.verdict(claim, m)}" for m in others
                  if self.book.differs(claim, m)}
        self.compare("verdicts", f"the ledger of {claim} elsewhere", sorted(printed),
                     sorted(wanted))

    def compared(self, row, cells, heads):
        """A claim's verdicts, a column for each machine."""
        for cell, head in list(zip(cells, heads, strict=True))[1:]:
            machine, printed = blank(head.text()), cell.text()
            verdicts = [v for v, _, _ in
                        self.book.tests(row.attrs["data-claim"], machine)]
            tried = len([v for v in verdicts if v != UNTRIED])
            if 0 < tried < len(verdicts):
                end = f" ({tried} of {len(verdicts)} tests tried)"
                if not self.book.asks_model(row.attrs["data-claim"]):
                    self.compare("counts", row.attrs["data-claim"],
                                 printed[-len(end):], end)
                printed = printed.partition(" (")[0]
            self.claimed(row, UNTRIED if printed == "–" else printed, machine)

    def differing(self, node):
        """Which tests of a claim come out otherwise, and how."""
        claim = node.attrs["data-claim"]
        if self.book.asks_model(claim):
            return
        for line in node.all("li", has="data-test"):
            i = int(line.attrs["data-test"])
            for one in line.first("ul").all("li"):
                machine, _, printed = one.text().partition(": ")
                verdict, measured, _ = self.book.tests(claim, machine)[i]
                wanted = f"{verdict}, measured {measured}".replace("`", "")
                self.compare("tests", f"test {i + 1} of {claim} on {machine}",
                             printed, wanted)

    # Beside the pages.

    def seals(self):
        for records in self.book.machines.values():
            for record in records.values():
                self.counts["seals"] += 1
                if not record.is_sealed:
                    self.page = f"{record.machine}/{record.experiment}.json"
                    self.differ("the seal", "another", "this record")

    def published(self, records):
        """The files that readers get are the records, sample by sample."""
        for path in sorted(records.glob("*/*.json")):
            machine = path.parent.name
            if machine == "local":
                continue
            self.page = f"data/{machine}/{path.name}"
            theirs = self.folder / self.page
            if not theirs.is_file():
                self.differ("the record", "no file", "one")
            elif theirs.read_bytes() != path.read_bytes():
                self.differ("the record", "another", str(path))
            else:
                self.samples(theirs.with_suffix(".csv"),
                             self.book.record(machine, path.stem))

    def samples(self, path, record):
        with path.open(encoding="utf-8", newline="") as file:
            printed = Counter(
                (row["sitting"], row["round"], row["runner"], row["case"],
                 row["variant"], row["control"], row["metric"], float(row["value"]))
                for row in csv.DictReader(file))
        wanted = Counter()
        of = [(variant, "no") for variant in record.variants.values()]
        of += [(control, "yes") for control in record.controls]
        for variant, control in of:
            for s, sitting in enumerate(variant.sittings, 1):
                lists = {name: values for name, values in sitting.items()
                         if isinstance(values, list)}
                for metric, values in {**lists, **sitting.get("metrics", {})}.items():
                    for r, value in enumerate(values, 1):
                        wanted[str(s), str(r), variant.runner, variant.case or "",
                               variant.name, control, metric, float(value)] += 1
        self.counts["samples"] += sum(wanted.values())
        if printed != wanted:
            off = [*(printed - wanted), *(wanted - printed)]
            self.differ(path.name, f"{len(off)} samples that differ", off[0])

    def expected(self, line, experiment, condition, excepted):
        """What a sentence rests on holds, and on no other machine fails unsaid."""
        self.page = line
        if experiment == MODEL:
            self.left_out.append(f"{line}: {experiment}: {condition}")
            return
        if experiment == BOOK:
            self.counts["expectations"] += 1
            expression, sign, number, unit = re.fullmatch(
                r"(\S+) (\S+) ([\d.]+) ?(%?)", condition).groups()
            share = self.book.again.share(expression)
            threshold = float(number) * (0.01 if unit else 1)
            verdict = decide(Estimate(share, share, share, 1, 1), sign, threshold)
            if verdict != HOLDS:
                self.differ(condition, HOLDS, verdict)
            return
        for machine in self.book.machines:
            try:
                record = self.book.record(machine, experiment)
                verdict, measured, _ = judge(record, condition)
            except Absent as why:
                verdict, measured = UNTRIED, str(why)
            ours = machine == self.book.reference
            wanted = FAILS if machine in excepted else HOLDS
            is_so = verdict == wanted or not ours and machine not in excepted and (
                verdict in (OPEN, UNTRIED))
            self.counts["expectations"] += verdict != UNTRIED
            if not is_so:
                self.differ(f"{experiment}: {condition} on {machine}", wanted,
                            f"{verdict}, {measured}")


# The pages' Markdown, in the repository.


def directives(text):
    """`{{#name rest}}` of a page, each with its place; what is in code is text."""
    code = r"^(```+|~~~+).*?^\1[`~]*[ ]*$|(`+)(?!`).+?(?<!`)\2(?!`)"
    hidden = re.sub(code, lambda found: re.sub(r"[{}]", "x", found[0]), text,
                    flags=re.M | re.S)
    for found in re.finditer(r'\{\{#(\w+)((?:[^"}]|"[^"]*"|\}(?!\}))*)\}\}', hidden):
        rest = text[found.start(2):found.end(2)]
        yield found.start(), found[1], " ".join(rest.split())


def normal(expression):
    return " / ".join(part.strip() for part in expression.split(" / "))


def options(rest):
    """What stands before the first semicolon, and the options behind it."""
    parts = re.findall(r'((?:[^;"]|"[^"]*")+)', rest)
    given = {}
    for part in parts[1:]:
        key, _, value = part.partition("=")
        given[key.strip()] = value.strip().strip('"')
    return parts[0].strip(), given


def asked_by(text):
    """The numbers that a page's sentences ask for, each with its paragraph."""
    asked = []
    for start, name, rest in directives(text):
        if name not in ("measured", "predict"):
            continue
        body, _ = options(rest)
        experiment, _, expression = body.partition(":")
        if experiment.strip() != BOOK and not expression.strip().endswith(".answer"):
            of = f"{experiment.strip()}: {normal(expression)}"
            asked.append((text[:start].count("\n\n"), of))
    return asked


def expectations(path):
    text = path.read_text(encoding="utf-8")
    for start, name, rest in directives(text):
        if name == "expect":
            body, given = options(rest)
            experiment, _, condition = body.partition(":")
            excepted = [m.strip() for m in given.get("except", "").split(",")]
            line = text[:start].count("\n") + 1
            yield f"{path.name}:{line}", experiment.strip(), condition.strip(), excepted


# All of it.


def reference(root):
    book = root / "book.toml"
    if not book.is_file():
        return REFERENCE
    tables = tomllib.loads(book.read_text(encoding="utf-8"))
    return tables["preprocessor"]["measured"]["reference"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    built = HERE.parent / "target" / "book"
    parser.add_argument("--pages", type=Path, metavar="FOLDER",
                        default=built if built.is_dir() else HERE.parent,
                        help="the book as it was built")
    parser.add_argument("--records", type=Path, metavar="FOLDER", default=HERE,
                        help="a folder for each machine")
    parser.add_argument("--list", action="store_true",
                        help="what was not recomputed, one by one")
    return parser.parse_args()


def main():
    given = arguments()
    ledger = given.pages / "claims.toml"
    if not ledger.is_file():
        print(f"there is no book in {given.pages}; build it with `cargo book build`, "
              "or name its folder: --pages FOLDER", file=sys.stderr)
        return 2
    claims = tomllib.loads(ledger.read_text(encoding="utf-8"))["claim"]
    book = Book(read_records(given.records), claims, reference(HERE.parent))
    check = Check(book, given.pages)
    check.seals()
    if given.records.resolve() != (given.pages / "data").resolve():
        check.published(given.records)
    sources = HERE.parent / "book"
    pages = 0
    for path in sorted(given.pages.rglob("*.html")):
        name = path.relative_to(given.pages)
        # All pages once more, one behind the other.
        if name.name in ("print.html", "toc.html", "404.html"):
            continue
        source = sources / name.with_suffix(".md")
        asked = None
        if source.is_file():
            asked = asked_by(source.read_text(encoding="utf-8"))
        check.whole(str(name), read_page(path), asked)
        pages += 1
    for path in sorted(sources.rglob("*.md")) if sources.is_dir() else ():
        for expectation in expectations(path):
            check.expected(*expectation)
    return told(check, pages, given.list)


def told(check, pages, is_long):
    counts = check.counts
    for difference in check.differences:
        print(difference)
    names = {
        "numbers": "numbers", "intervals": "intervals", "counts": "counts",
        "answers": "answers", "thresholds": "thresholds", "warnings": "warnings",
        "drawn": "figures' texts",
        "constants": "constants", "verdicts": "verdicts", "tests": "tests of claims",
        "sentences": "sentences about verdicts", "expectations": "expectations",
        "questions": "questions in the Markdown", "links": "figures with their data",
        "samples": "samples as CSV", "seals": "seals",
    }
    print(f"Recomputed for {pages} pages: " + ", ".join(
        f"{counts[kind]} {name}" for kind, name in names.items() if counts[kind]) + ".")
    if check.left_out:
        print(f"Not recomputed: {len(check.left_out)} that the model of cost computes.")
    if is_long:
        print("\n".join(f"  {one}" for one in check.left_out))
    found = len(check.differences)
    print("Nothing differs." if not found else f"{found} differ.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
