"""What the book's Python experiments share: the Python side of `lab`.

An experiment names its variants; the lab compares their answers, times them in
interleaved rounds (A B C, A B C, ...), reads the kernel's counters beside the
clock and prints a table:

    experiment = lab.Experiment("sums", "Is the closed form faster?",
                                baseline="loop")
    experiment.variant("alone", "loop", "add them up",
                       lambda run: sum(range(1000001)))
    experiment.variant("alone", "formula", "n (n + 1) / 2",
                       lambda run: 1000000 * 1000001 // 2)
    sys.exit(experiment.run())

Started with --runner the same program speaks the runner lines, described in
lab/protocol/README.md, and `cargo book measure` interleaves it with Rust and with
other interpreters.

One source, the standard library only, for CPython 2.7 and 3, PyPy and Jython.
Sizes are bytes and durations nanoseconds, unless a name ends in another unit.
What a platform cannot count is absent, never zero.
"""

import argparse
import gc
import json
import sys
import time

from lab_os import (compiles_while_it_runs, counters, hardware_threads,
                    interpreter, no_core_file, packages, private_stdout,
                    proc_bytes, reset_peak)
from lab_process import (Failure, Server, ending, is_child, rerun_self,
                         take_over)
from lab_start import Gate, together

__all__ = ["Experiment", "Failure", "Gate", "Run", "Server", "clock", "ending",
           "is_child", "no_core_file", "proc_bytes", "rerun_self", "take_over"]

# The version of the runner lines that this speaks.
PROTOCOL = 2
KINDS = ("alone", "thread", "process", "task")
clock = getattr(time, "perf_counter", time.time)


class Experiment(object):
    """A question and the variants that answer it; called like its file."""

    def __init__(self, name, question, baseline="sequential"):
        self.name = name
        self.question = question
        self.baseline = baseline
        self.variants = []
        self._children = {}
        self._case = None
        self._observed = False

    def observed(self):
        """The answers of the variants that follow are what is observed: they
        may differ."""
        self._observed = True

    def case(self, name, label):
        """The variants that follow do this kind of work."""
        self._case = (name, label)

    def variant(self, kind, name, label, work, slow=False):
        """Adds a way to do the work: `work(run)` returns the answer, which
        must be the same for all variants of a case unless it is observed.
        A slow one is left out of a --quick run."""
        if kind not in KINDS:
            raise ValueError("a kind is one of %s, not %r" % (KINDS, kind))
        new = Variant(self._case, kind, name, label, work, self._observed,
                      slow)
        if new.id in self._ids():
            raise ValueError("two variants are called %s" % new.id)
        self.variants.append(new)

    def child(self, name, work):
        """What `rerun_self(name, args)` runs in a process of its own:
        `work(args)` gets its arguments as text."""
        self._children[name] = work

    def run(self, arguments=None):
        """Does what the command line says; returns the exit status."""
        try:
            self._dispatch(sys.argv[1:] if arguments is None else arguments)
        except Failure as failure:
            sys.stderr.write("%s: %s\n" % (self.name, failure))
            return 1
        return 0

    def _dispatch(self, arguments):
        if arguments[:1] == ["--child"] and len(arguments) > 1:
            if arguments[1] not in self._children:
                raise Failure("no child is called %s" % arguments[1])
            self._children[arguments[1]](arguments[2:])
            return
        options = self._options(arguments)
        if options.quick:
            self.variants = [v for v in self.variants if not v.slow]
        if options.runner:
            self._speak(options, private_stdout())
        else:
            self._measure(options)

    def _options(self, arguments):
        parser = argparse.ArgumentParser(
            prog=self.name + ".py", description=self.question,
            epilog="Variants: " + ", ".join(self._ids()))
        add = parser.add_argument
        add("--quick", action="store_true", help="three rounds, no slow variants")
        add("--rounds", type=number(10000), metavar="N",
            help="so many rounds (21 unless told, fewer when they take long)")
        add("--threads", type=number(1024), metavar="N",
            default=hardware_threads(),
            help="so many workers (the hardware threads we may use)")
        add("--only", metavar="A,B", default="",
            help="only variants whose id contains one of these")
        add("--json", action="store_true",
            help="samples as JSON, one a line, instead of the table")
        add("--runner", action="store_true",
            help="speak the runner lines with `cargo book measure`")
        return parser.parse_args(arguments)

    def _ids(self):
        return [variant.id for variant in self.variants]

    # The runner lines.

    def _speak(self, options, output):
        # Iterating over the file itself reads ahead in Python 2, and hangs.
        for request in iter(sys.stdin.readline, ""):
            verb, _, rest = request.strip().partition(" ")
            if (verb, rest) == ("quit", ""):
                break
            if (verb, rest) == ("list", ""):
                answer = self._list(options)
            elif verb == "run" and rest in self._ids():
                answer = self._answer(rest, options)
            elif verb == "run" and rest:
                answer = {"error": "no variant is called " + rest}
            else:
                answer = {"error": "no request is called " + request.strip()}
            output.write(json.dumps(answer) + "\n")
            output.flush()

    def _answer(self, wanted, options):
        variant = self.variants[self._ids().index(wanted)]
        try:
            if variant.warm:
                return once(variant.work, options)
            return first(variant, options)
        except Failure as failure:
            return {"error": str(failure)}
        except KeyboardInterrupt:
            raise
        except:  # in Jython it may be Java's, so no Exception
            kind, value = sys.exc_info()[:2]
            return {"error": "%s: %s" % (kind.__name__, value)}

    def _list(self, options):
        listed = dict(
            interpreter(), protocol=PROTOCOL, experiment=self.name,
            question=self.question, baseline=self.baseline,
            threads=options.threads,
            variants=[variant.described() for variant in self.variants])
        used = packages()
        return dict(listed, packages=used) if used else listed

    # Without `cargo book measure`.

    def _measure(self, options):
        names = options.only.split(",")
        variants = [variant for variant in self.variants
                    if any(name in variant.id for name in names)]
        if not variants:
            raise Failure("--only %s matches no variant; there are %s"
                          % (options.only, ", ".join(self._ids())))
        models = {}
        for variant in variants:  # untimed: the answers, and the warm-up
            say("checking " + variant.id)
            agree(models, variant, first(variant, options))
        samples = dict((variant.id, []) for variant in variants)
        wanted = options.rounds or (3 if options.quick else 21)
        least = options.rounds or (1 if options.quick else 5)
        began, rounds = clock(), 0
        while rounds < least or (rounds < wanted and clock() - began < 15):
            for variant in variants:
                sample = once(variant.work, options)
                agree(models, variant, sample)
                samples[variant.id].append(sample)
            rounds += 1
            say("round %d of %d" % (rounds, wanted))
        say("")
        if options.json:
            for variant in variants:
                for sample in samples[variant.id]:
                    line = {"variant": variant.id, "sample": sample}
                    print(json.dumps(line))
        else:
            from lab_table import render
            print(render(self, variants, samples, options.threads, rounds))


class Variant(object):
    """One way to do the work."""

    def __init__(self, case, kind, name, label, work, observed, slow):
        self.case = case
        self.kind = kind
        self.name = name
        self.label = label
        self.work = work
        self.observed = observed
        self.slow = slow
        self.warm = False
        self.id = name if case is None else "%s/%s" % (case[0], name)

    def described(self):
        described = {"name": self.name, "label": self.label,
                     "kind": self.kind, "observed": self.observed}
        if self.case is not None:
            described["case"], described["case_label"] = self.case
        return described


class Run(object):
    """Handed to a variant while it runs.

    The clock covers the whole variant, unless it calls start_clock() to leave
    its preparations out, or stop_clock() to leave its clearing up out. Flows
    that start together (gate(), together()) start it themselves.
    """

    def __init__(self, threads, quick):
        self.threads = threads
        self.quick = quick
        self.metrics = {}
        self.lanes = []
        self.is_elsewhere = False
        self.start_clock()

    def start_clock(self):
        """Starts the clock anew; what came before is preparation."""
        self.measured = None
        self._counters_then = counters()
        self._started = clock()

    def stop_clock(self):
        """Stops the clock; what comes after is clearing up."""
        wall_ns = int(max(clock() - self._started, 0) * 1e9)
        now, then = counters(), self._counters_then
        self.measured = dict((name, now[name] - then[name]) for name in now)
        self.measured["wall_ns"] = wall_ns

    def elapsed(self):
        """What the clock shows, in seconds: where it was stopped, or the time
        until now."""
        if self.measured is None:
            return max(clock() - self._started, 0)
        return self.measured["wall_ns"] / 1e9

    def gate(self, flows):
        """Where so many flows meet: each calls wait() on what this returns.
        The clock starts when the last of them does."""
        return Gate(flows, self)

    def together(self, flows, work):
        """Does work(0), work(1) ... at the same time, in `flows` threads, and
        returns what they return. The clock runs from when all of them are
        there until the last one is done."""
        return together(self, flows, work)

    def metric(self, name, value):
        """Notes a value of the variant's own. A name ends in its unit (as in
        start_up_us or stack_bytes); without one it is a count. What could not
        be measured is absent, so a value must be finite."""
        value = float(value)
        if not abs(value) < float("inf"):  # nor is NaN
            raise Failure("the metric %s is not a finite number" % name)
        self.metrics[name] = value

    def timeline(self, lanes):
        """Keeps who ran when: lanes as lab_timeline.Lane.finish() gives."""
        self.lanes = lanes

    def elsewhere(self):
        """Says that another process does the work: our own counters would
        describe the waiting only, so they are left out."""
        self.is_elsewhere = True


# What a compiler that works while the program runs may have of each variant
# before any run counts. Others are warm after one run.
WARM_UP_RUNS = 10
WARM_UP_SECONDS = 2


def first(variant, options):
    """The first run of a variant, which nobody times: the check of its answer,
    and the warm-up."""
    variant.warm = True
    began, sample, runs = clock(), once(variant.work, options), 1
    while (compiles_while_it_runs() and runs < WARM_UP_RUNS
           and clock() - began < WARM_UP_SECONDS):
        sample, runs = once(variant.work, options), runs + 1
    return sample


# A moment before each run, in which the last one's threads and processes end.
SETTLE_S = 0.002


def once(work, options):
    """Runs `work` once under the clock; returns a sample as the runner lines
    have it."""
    gc.collect()  # or this variant would clear up after another
    time.sleep(SETTLE_S)
    peak_is_ours = reset_peak()
    run = Run(options.threads, options.quick)
    answer = work(run)
    if run.measured is None:
        run.stop_clock()
    if run.is_elsewhere:
        sample = {"wall_ns": run.measured["wall_ns"]}
    else:
        sample = run.measured
        peak = proc_bytes("/proc/self/status", "VmHWM:")
        if peak_is_ours and peak is not None:
            sample["peak_bytes"] = peak
    if run.lanes:
        sample["timeline"] = run.lanes
    if not isinstance(answer, type(u"")):  # which Python 2's str() may refuse
        answer = str(answer)
    return dict(sample, answer=answer, metrics=run.metrics)


def agree(models, variant, sample):
    """The first answer of a case is the model for all the others."""
    if variant.observed:
        return
    answer = sample["answer"]
    model, expected = models.setdefault(variant.case, (variant.id, answer))
    if answer != expected:
        raise Failure("wrong answer: %s says %s, but %s says %s"
                      % (variant.id, answer, model, expected))


def number(most):
    def parse(text):
        if text.isdigit() and 1 <= int(text) <= most:
            return int(text)
        raise argparse.ArgumentTypeError(
            "takes a number from 1 to %d, not %s" % (most, text))
    return parse


def say(text):
    """One line on a terminal, rewritten while the rounds go on."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K" + text)
        sys.stderr.flush()
