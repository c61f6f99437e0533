"""Run:  python -m unittest discover lab/python"""

import io
import itertools
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import unittest
import weakref

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import lab
import lab_os
import lab_table
import lab_timeline


class Options(object):
    threads = 2
    quick = True


class Replacing(unittest.TestCase):
    """Replaces what a module has, for one test."""

    def replace(self, module, name, value):
        self.addCleanup(setattr, module, name, getattr(module, name))
        setattr(module, name, value)


class Program(unittest.TestCase):
    """Runs small experiments as programs of their own."""

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def experiment(self, lines, arguments, stdin="", **environment):
        """Returns the exit status, and what went to stdout and to stderr."""
        path = self.write("demo.py", "\n".join([
            "import os, subprocess, sys",
            "sys.path.insert(0, %r)" % HERE,
            "import lab",
            "demo = lab.Experiment('demo', 'Why?')",
            textwrap.dedent(lines),
            "sys.exit(demo.run())", ""]))
        process = subprocess.Popen(
            [sys.executable, path] + arguments, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True, env=dict(os.environ, **environment))
        out, err = process.communicate(stdin)
        return process.returncode, out, err

    def answers(self, lines, *requests):
        status, out, err = self.experiment(
            lines, ["--runner", "--threads", "2"], "\n".join(requests) + "\n")
        self.assertEqual(status, 0, err)
        return [json.loads(line) for line in out.splitlines()]


class RunnerLines(Program):
    def test_a_list_says_what_there_is_and_who_runs_it(self):
        [answer] = self.answers("""
            demo.variant("alone", "sequential", "one after another",
                         lambda run: 42)
            demo.case("small", "a small one")
            demo.observed()
            demo.variant("thread", "threads", "threading.Thread",
                         lambda run: 42)
        """, "list")
        self.assertEqual(answer["variants"], [
            {"name": "sequential", "label": "one after another",
             "kind": "alone", "observed": False},
            {"case": "small", "case_label": "a small one", "name": "threads",
             "label": "threading.Thread", "kind": "thread", "observed": True}])
        for name, value in lab_os.interpreter().items():
            self.assertEqual(answer[name], value)
        for name, value in [("protocol", 2), ("experiment", "demo"),
                            ("question", "Why?"), ("threads", 2),
                            ("baseline", "sequential")]:
            self.assertEqual(answer[name], value)

    def test_a_run_gives_the_answer_as_text_and_what_was_measured(self):
        [answer] = self.answers("""
            def work(run):
                run.metric("stack_bytes", 7)
                return run.threads * 21
            demo.variant("alone", "sequential", "", work)
        """, "run sequential")
        self.assertEqual(answer["answer"], "42")
        self.assertEqual(answer["metrics"], {"stack_bytes": 7.0})
        self.assertGreaterEqual(answer["wall_ns"], 0)
        known = {"answer", "metrics", "wall_ns", "cpu_ns", "voluntary",
                 "involuntary", "peak_bytes"}
        self.assertLessEqual(set(answer), known)

    def test_what_is_not_there_is_an_error_and_nothing_follows_quit(self):
        answers = self.answers("""
            demo.case("small", "")
            demo.variant("alone", "sequential", "", lambda run: 42)
        """, "run small/nobody", "run sequential", "sing", "quit", "list")
        self.assertEqual(answers[:2], [
            {"error": "no variant is called small/nobody"},
            {"error": "no variant is called sequential"}])
        self.assertIn("no request is called", answers[2]["error"])
        self.assertEqual(len(answers), 3)

    def test_a_variant_that_fails_is_an_error_and_the_runner_goes_on(self):
        answers = self.answers("""
            demo.variant("alone", "bad", "", lambda run: [][1])
            demo.variant("alone", "exits", "", lambda run: sys.exit(3))
            demo.variant("alone", "good", "", lambda run: 42)
        """, "run bad", "run exits", "run good")
        self.assertIn("IndexError: ", answers[0]["error"])
        self.assertIn("SystemExit: 3", answers[1]["error"])
        self.assertEqual(answers[2]["answer"], "42")

    def test_nothing_a_variant_prints_reaches_the_protocol(self):
        status, out, err = self.experiment("""
            def work(run):
                print("printed")
                sys.stdout.write("written")
                if hasattr(os, "dup2"):
                    sys.stdout.flush()
                    subprocess.call([sys.executable, "-c", "print('child')"])
                return 42
            demo.variant("alone", "sequential", "", work)
        """, ["--runner"], "run sequential\nrun sequential\n")
        lines = out.splitlines()
        self.assertEqual(len(lines), 2, out)
        for line in lines:
            self.assertEqual(json.loads(line)["answer"], "42")
        self.assertIn("printed", err)


class Measuring(Program):
    def test_a_wrong_answer_fails_before_anything_is_timed(self):
        status, out, err = self.experiment("""
            demo.case("small", "")
            demo.variant("alone", "sequential", "", lambda run: 42)
            demo.variant("thread", "threads", "", lambda run: 41)
        """, ["--quick"])
        self.assertEqual((status, out), (1, ""))
        self.assertEqual(err, "demo: wrong answer: small/threads says 41, "
                              "but small/sequential says 42\n")

    def test_other_cases_and_observations_may_answer_otherwise(self):
        status, out, err = self.experiment("""
            demo.variant("alone", "sequential", "", lambda run: 42)
            demo.case("small", "")
            demo.variant("thread", "threads", "", lambda run: 40)
            demo.observed()
            demo.variant("thread", "seen", "", lambda run: 41)
        """, ["--quick"])
        self.assertEqual((status, err), (0, ""))
        self.assertIn("demo: Why?", out)

    def test_variants_take_turns_after_a_check_of_all(self):
        status, out, err = self.experiment("""
            def note(name):
                sys.stderr.write(name)
            demo.variant("alone", "a", "", lambda run: note("a"))
            demo.variant("alone", "b", "", lambda run: note("b"))
        """, ["--rounds", "2", "--json"])
        self.assertEqual(err, "ababab")
        self.assertEqual([json.loads(line)["variant"]
                          for line in out.splitlines()], ["a", "a", "b", "b"])

    def test_what_compiles_while_it_runs_is_warmed_up_longer(self):
        text = """
            lab.compiles_while_it_runs = lambda: %s
            runs = []
            demo.observed()
            demo.variant("alone", "seen", "", lambda run: runs.append(1) or len(runs))
        """
        for compiles, first in [(False, "1"), (True, "10")]:
            one, two = self.answers(text % compiles, "run seen", "run seen")
            self.assertEqual(one["answer"], first)
            self.assertEqual(two["answer"], str(int(first) + 1))
            status, out, err = self.experiment(
                text % compiles, ["--rounds", "1", "--json"])
            self.assertIn('"answer": "%d"' % (int(first) + 1), out)

    def test_options_that_make_no_sense_are_named(self):
        lines = "demo.variant('alone', 'right', '', lambda run: 42)"
        for arguments, says in [
                (["--fast"], "--fast"),
                (["--rounds", "none"], "takes a number from 1 to 10000"),
                (["--threads", "0"], "takes a number from 1 to 1024, not 0"),
                (["--only", "left"], "matches no variant; there are right"),
                (["--child", "nobody"], "no child is called nobody")]:
            status, out, err = self.experiment(lines, arguments)
            self.assertNotEqual(status, 0)
            self.assertEqual(out, "")
            self.assertIn(says, err)

    def test_a_quick_run_leaves_out_what_is_slow(self):
        text = """
            demo.variant("alone", "slow", "", lambda run: 42, slow=True)
            demo.variant("alone", "other", "", lambda run: 42)
        """
        for arguments, seen in [(["--quick"], False), (["--rounds", "1"], True)]:
            status, out, err = self.experiment(text, arguments + ["--json"])
            self.assertEqual((status, err), (0, ""))
            self.assertEqual('"slow"' in out, seen)

    def test_a_child_is_this_program_again(self):
        status, out, err = self.experiment("""
            def work(run):
                out = subprocess.Popen(lab.rerun_self("echo", [1, "a b"]),
                                       stdout=subprocess.PIPE)
                return out.communicate()[0].decode("ascii").strip()
            def echo(args):
                print("-".join(args))
            demo.child("echo", echo)
            demo.observed()
            demo.variant("process", "seen", "", work)
        """, ["--quick", "--rounds", "1"])
        self.assertIn("1-a b", out + err)

    def test_a_child_that_measures_is_taken_over_and_a_broken_one_named(self):
        sample, broken = self.answers("""
            demo.child("good", lambda args: sys.stdout.write(
                "stack_bytes 5\\nanswer all %s there\\n" % args[0]))
            demo.child("bad", lambda args: sys.exit("no room"))
            demo.variant("process", "good", "it measures",
                         lambda run: lab.take_over(run, "good", [3]))
            demo.variant("process", "bad", "it breaks",
                         lambda run: lab.take_over(run, "bad"))
            """, "run good", "run bad")
        self.assertEqual(sample["answer"], "all 3 there")
        self.assertEqual(sample["metrics"], {"stack_bytes": 5})
        self.assertNotIn("cpu_ns", sample)
        self.assertEqual(broken["error"],
                         "the child bad ended with exit 1: no room")


class TheServer(Program):
    ASKS = """
        server = lab.Server("demo")
        demo.observed()
        demo.variant("alone", "seen", "", lambda run: server.address)
    """

    def test_without_a_server_a_reader_is_told_what_to_set(self):
        status, out, err = self.experiment(
            self.ASKS, ["--quick"], LAB_EXAMPLE=os.path.join(HERE, "nowhere"))
        self.assertEqual((status, out), (1, ""))
        self.assertIn("set LAB_EXAMPLE", err)
        self.assertNotIn("Traceback", err)

    def test_the_server_of_the_example_ends_with_the_experiment(self):
        ended = os.path.join(self.folder, "ended")
        example = self.write("example", textwrap.dedent("""\
            #!/bin/sh
            test "$1" = --serve && echo 127.0.0.1:4711
            cat
            echo > '%s'
            """ % ended))
        os.chmod(example, 0o755)
        status, out, err = self.experiment(
            self.ASKS, ["--quick"], LAB_EXAMPLE=example)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("('127.0.0.1', 4711)", out)
        self.assertTrue(os.path.exists(ended))


    def test_an_example_may_have_a_server_of_its_own(self):
        example = self.write("example", textwrap.dedent("""\
            #!/bin/sh
            test "$1 $2" = "--child mine" && echo 127.0.0.2:4712
            cat
            """))
        os.chmod(example, 0o755)
        status, out, err = self.experiment(
            self.ASKS.replace('"demo"', '"demo", "mine"'), ["--quick"],
            LAB_EXAMPLE=example)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("('127.0.0.2', 4712)", out)


class Demo(Replacing):
    """The conversation that Rust's side and the press are tested against."""

    LANES = [
        {"lane": "A", "involuntary": 1, "false_gaps": 2,
         "spans": [(0, 1000, 0, "running"), (1000, 2000, None, "waiting-io"),
                   (2500, 3000, 1, "running")]},
        {"lane": "B", "false_gaps": 0,
         "spans": [(0, 500, None, "waiting-lock"),
                   (500, 1500, None, "holding")]}]

    def demo(self):
        def threads(run):
            run.metric("start_up_us", 1.5)
            run.metric("stack_bytes", 65536)
            return 42

        def elsewhere(run):
            run.elsewhere()
            run.metric("first_us", 0.25)
            return 42

        def lanes(run):
            run.timeline(self.LANES)
            return u'%d "lanes"\n\u2026 each 1 \u00b5s' % len(self.LANES)

        demo = lab.Experiment("demo", "Why?")
        demo.variant("alone", "sequential", "one after another",
                     lambda run: 42)
        demo.case("small", "a small one")
        demo.variant("thread", "threads", "two threads", threads)
        demo.variant("process", "elsewhere", "another process", elsewhere)
        demo.observed()
        demo.variant("task", "lanes", "two tasks", lanes)
        demo.variant("alone", "endless", "it divides by zero",
                     lambda run: run.metric("share", float("inf")))
        return demo

    def test_a_runner_answers_as_the_demo_says(self):
        path = os.path.join(HERE, "..", "protocol", "demo.jsonl")
        with io.open(path, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        expected = [line["answer"] for line in lines if "answer" in line]
        expected[0].update(lab_os.interpreter())  # the runner's own
        # The clock and the kernel count as told.
        clock, counted = itertools.count(), itertools.count()
        counts = [("cpu_ns", 2000000), ("voluntary", 3), ("involuntary", 4)]

        def counters():
            times = next(counted)
            return dict((name, times * count) for name, count in counts)

        self.replace(lab, "packages", lambda: {"aiohttp": "3.12.15"})
        self.replace(lab, "compiles_while_it_runs", lambda: False)
        self.replace(lab, "clock", lambda: next(clock) / 2.0)
        self.replace(lab, "counters", counters)
        self.replace(lab, "reset_peak", lambda: True)
        self.replace(lab, "proc_bytes", lambda path, field: 1 << 20)
        requests = iter([line["request"] + "\n" for line in lines] + ["list\n"])
        self.replace(sys, "stdin", self)
        self.readline = lambda: next(requests, "")
        said = io.StringIO() if sys.version_info[0] > 2 else io.BytesIO()
        self.demo()._speak(Options, said)
        answers = [json.loads(line) for line in said.getvalue().splitlines()]
        for line, answer in zip(lines, answers):
            self.assertEqual(answer, line["answer"], line["request"])
        self.assertEqual(len(answers), len(expected))


class OneRun(Replacing):
    def test_preparations_and_clearing_up_are_left_out_of_the_clock(self):
        def work(run):
            time.sleep(0.06)
            run.start_clock()
            run.stop_clock()
            time.sleep(0.06)
        self.assertLess(lab.once(work, Options)["wall_ns"], 0.06e9)

    def test_what_cannot_be_counted_is_left_out(self):
        counters, reset_peak = lab.counters, lab.reset_peak
        lab.counters, lab.reset_peak = lambda: {}, lambda: False
        try:
            sample = lab.once(lambda run: 42, Options)
        finally:
            lab.counters, lab.reset_peak = counters, reset_peak
        self.assertEqual(set(sample), {"answer", "wall_ns", "metrics"})

    def test_no_variant_clears_up_after_another(self):
        class Waste(object):
            pass

        def leave(run):
            waste = Waste()
            waste.itself = waste
            left.append(weakref.ref(waste))

        left = []
        lab.once(leave, Options)
        answer = lab.once(lambda run: left[0]() is None, Options)["answer"]
        self.assertEqual(answer, "True")

    def test_work_done_elsewhere_is_not_described_by_our_counters(self):
        sample = lab.once(lambda run: run.elsewhere(), Options)
        self.assertEqual(set(sample), {"answer", "wall_ns", "metrics"})

    def test_a_metric_that_is_not_finite_is_refused(self):
        for value in [float("nan"), float("inf"), -float("inf")]:
            run = lab.Run(1, False)
            self.assertRaises(lab.Failure, run.metric, "share", value)
            self.assertEqual(run.metrics, {})

    def test_a_name_can_be_given_once_and_a_kind_must_be_known(self):
        demo = lab.Experiment("demo", "Why?")
        demo.variant("alone", "a", "", None)
        self.assertRaises(ValueError, demo.variant, "alone", "a", "", None)
        self.assertRaises(ValueError, demo.variant, "single", "b", "", None)

    def test_a_build_is_told_by_its_flags_where_they_tell(self):
        for flags, profile in [
                (None, "unknown"), ("'--enable-shared'", "no pgo"),
                ("'--prefix=/usr' '--enable-shared'", "unknown"),
                ("'--enable-optimizations' '--with-lto=full'", "pgo, lto")]:
            self.assertEqual(lab_os.profile(flags), profile)

    def test_a_build_is_told_with_its_compiler(self):
        self.replace(lab_os, "compiles_while_it_runs", lambda: True)
        self.replace(platform, "python_compiler", lambda: "CC 7")
        profile = lab_os.interpreter()["profile"]
        self.assertEqual(profile.split(", ")[-2:], ["jit", "CC 7"])

    def test_packages_that_were_imported_are_told_by_their_versions(self):
        try:
            from importlib import metadata
        except ImportError:  # before 3.8
            return
        self.replace(metadata, "version", lambda name: name + " 7")
        self.replace(sys, "modules", {"aiohttp": self, "not_pinned": self,
                                      "importlib.metadata": metadata})
        self.assertEqual(lab_os.packages(), {"aiohttp": "aiohttp 7"})
        sys.modules.clear()
        self.assertEqual(lab_os.packages(), {})

    def test_an_ending_is_told_in_words(self):
        self.assertEqual([lab.ending(code) for code in (0, 3, -6, -40)],
                         ["exit 0", "exit 3", "SIGABRT", "signal 40"])


@unittest.skipIf(not hasattr(time, "monotonic_ns"), "needs Python 3.7")
class Starts(unittest.TestCase):
    def test_no_flow_begins_before_all_have_come(self):
        gate, came, missing = lab.Run(2, True).gate(3), [], []

        def flow(i):
            time.sleep(i * 0.04)  # the first would be done before the last
            came.append(i)
            gate.wait()
            missing.append(3 - len(came))

        flows = [threading.Thread(target=flow, args=(i,)) for i in range(3)]
        for each in flows:
            each.start()
        for each in flows:
            each.join()
        self.assertEqual(missing, [0, 0, 0])

    def test_the_clock_starts_when_the_last_flow_has_come(self):
        run, began = lab.Run(2, True), lab.clock()
        gate = run.gate(2)
        other = threading.Thread(target=gate.wait)
        other.start()
        time.sleep(0.05)
        gate.wait()
        timed = run.elapsed()
        other.join()
        self.assertGreaterEqual(lab.clock() - began, 0.05 + timed)

    def test_flows_together_are_timed_until_the_last_one_is_done(self):
        run = lab.Run(2, True)

        def work(i):
            time.sleep(i * 0.04)
            return i * i

        self.assertEqual(run.together(3, work), [0, 1, 4])
        timed = run.elapsed()
        time.sleep(0.01)
        self.assertEqual(run.elapsed(), timed)
        self.assertGreaterEqual(timed, 0.08)

    def test_a_flow_that_breaks_off_is_a_failure(self):
        hook = getattr(threading, "excepthook", None)
        threading.excepthook = lambda _: None  # it is meant to
        try:
            with self.assertRaises(lab.Failure):
                lab.Run(2, True).together(2, lambda i: 1 // i)
        finally:
            threading.excepthook = hook


class Timelines(unittest.TestCase):
    def test_a_lane_ended_by_another_thread_has_no_count_of_switches(self):
        lane = lab_timeline.Lane("one", lab_timeline.now_ns())
        ended = []
        other = threading.Thread(target=lambda: ended.append(lane.finish()))
        other.start()
        other.join()
        self.assertNotIn("involuntary", ended[0])

    def test_a_lane_that_waits_has_a_span_for_it(self):
        lane = lab_timeline.Lane("one", lab_timeline.now_ns())
        lane.enter("waiting-io")
        time.sleep(0.005)
        lane.leave_wait()
        spans = lane.finish()["spans"]
        waits = [span for span in spans if span[3] == "waiting-io"]
        self.assertEqual([core for _, _, core, _ in waits], [None])
        self.assertGreaterEqual(waits[0][1] - waits[0][0], 5000000)
        self.assertEqual(spans[-1][3], "running")
        for before, after in zip(spans, spans[1:]):
            self.assertLessEqual(before[1], after[0])


class Table(unittest.TestCase):
    def test_it_shows_the_speed_up_and_leaves_out_what_was_not_counted(self):
        demo = lab.Experiment("demo", "Why?")
        demo.case("chain", "one after another")
        demo.variant("alone", "sequential", "sequential", None)
        demo.variant("thread", "threads", "threads", None)
        samples = {}
        for name, walls in [("sequential", (100, 102, 98)),
                            ("threads", (50, 51, 49))]:
            samples["chain/" + name] = [
                {"wall_ns": wall * 1000000, "answer": "42",
                 "metrics": {"start_up_us": 1500.0}} for wall in walls]
        text = lab_table.render(demo, demo.variants, samples, 2, 3)
        self.assertEqual(text.splitlines()[4:8], [
            "chain: one after another",
            "  variant       median           min ... max  speed-up  start up",
            "  sequential  100.0 ms  98.0 ms ... 102.0 ms    1.00 x    1.5 ms",
            "  threads      50.0 ms   49.0 ms ... 51.0 ms    2.00 x    1.5 ms"])


if __name__ == "__main__":
    unittest.main()
