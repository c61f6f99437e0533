"""Whether results/recompute.py would notice: each test spoils one thing.

    python3 .ci/test_recompute.py

Needs a book that was built, `cargo book build`, and changes copies only.
"""

import copy
import json
import re
import shutil
import sys
import tempfile
import tomllib
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "results"))
sys.dont_write_bytecode = True
import recompute as r

PAGES = ROOT / "target" / "book"
CLAIMS = tomllib.loads((ROOT / "book/claims.toml").read_text(encoding="utf-8"))["claim"]
MACHINES = r.read_records(ROOT / "results")
REFERENCE = r.reference(ROOT)


def differences(page, html, machines=MACHINES, claims=CLAIMS):
    """What is said of a page that has this HTML."""
    book = r.Book(machines, claims, REFERENCE)
    check = r.Check(book, PAGES)
    reader = r.Reader()
    reader.feed(html)
    source = ROOT / "book" / page.replace(".html", ".md")
    check.whole(page, reader.root, r.asked_by(source.read_text(encoding="utf-8")))
    return check.differences


def html_of(page):
    return (PAGES / page).read_text(encoding="utf-8")


def another(digit):
    return str((int(digit) + 1) % 10)


class Spoiled(unittest.TestCase):
    def spoil(self, page, pattern):
        """Another last digit in group 1, or what stands in group 2 in its place."""
        html = html_of(page)
        found = re.search(pattern, html, re.S)
        self.assertTrue(found, f"{page} has nothing like {pattern}")
        at = found.end(1) - 1
        spoiled = html[:at] + another(html[at]) + html[at + 1:]
        self.assertEqual(differences(page, html), [])
        return differences(page, spoiled)

    def test_a_digit_of_a_number_in_a_sentence(self):
        found = self.spoil("threads.html",
                           r'class="measured"[^>]*><span data-machine="[^"]*">([\d.]+)')
        self.assertIn("the records say", found[0])

    def test_a_digit_of_an_interval(self):
        self.assertTrue(self.spoil("threads.html", r"95 % interval [\d.]+ to ([\d.]+)"))

    def test_a_digit_of_how_many_samples(self):
        self.assertTrue(self.spoil("threads.html", r" over (\d+) samples"))

    def test_a_digit_of_how_many_rounds(self):
        self.assertTrue(self.spoil("threads.html", r"(\d+) interleaved rounds"))

    def test_a_cell_of_a_table(self):
        row = r'<tr data-of="[^"]*"><th[^>]*>[^<]*</th><td[^>]*>([\d.]+)'
        self.assertTrue(self.spoil("threads.html", row))

    def test_a_digit_of_a_translated_page_where_it_has_a_comma(self):
        page, number = "threads.html", r'(<span data-machine="[^"]*">\d+)\.(\d+)'
        german = re.sub(number, r"\1,\2", html_of(page))
        german = german.replace('<html lang="en"', '<html lang="de"')
        self.assertEqual(differences(page, german), [])
        found = re.search(r'(<span data-machine="[^"]*">\d+),(\d)', german)
        at = found.end() - 1
        spoiled = german[:at] + another(german[at]) + german[at + 1:]
        self.assertTrue(differences(page, spoiled))

    def test_a_text_in_a_figure_and_what_it_says_aloud(self):
        self.assertTrue(self.spoil("threads.html", r'class="value">([\d.]+)'))
        self.assertTrue(self.spoil(
            "threads.html", r'<svg class="bars"[^>]* aria-label="[^"]*: ([\d.]+)'))

    def test_a_number_of_a_test_and_one_in_its_words(self):
        self.assertTrue(self.spoil("threads.html", r'class="found">([\d.]+)'))
        self.assertTrue(self.spoil("threads.html", r"; holds, measured ([\d.]+)"))

    def test_a_guess_is_held_against_the_record(self):
        self.assertTrue(self.spoil("threads.html", r'data-values="\S+ ([\d.]+)'))

    def test_a_verdict(self):
        html = html_of("threads.html")
        spoiled = html.replace('<b class="is-holds">holds</b>',
                               '<b class="is-holds">does not hold</b>', 1)
        self.assertNotEqual(html, spoiled)
        self.assertTrue(differences("threads.html", spoiled))

    def test_a_number_that_is_not_what_the_sentence_asks_for(self):
        html = html_of("threads.html")
        of = re.search(r'class="used" data-of="([^"]*)"', html)[1]
        spoiled = html.replace(f'data-of="{of}"', 'data-of="threads_cpu: other.wall"')
        self.assertIn("what sentences ask for", differences("threads.html", spoiled)[0])

    def test_a_figure_without_its_data(self):
        html = html_of("threads.html")
        figure = html.index('<figure class="measured-figure"')
        spoiled = html[:figure] + html[figure:].replace("data of ", "of ")
        self.assertTrue(any("no link" in one for one in
                            differences("threads.html", spoiled)))

    def test_a_threshold_that_was_moved(self):
        claims = copy.deepcopy(CLAIMS)
        claim = next(one for one in claims if one["id"] == "thread-native-cpu")
        test = claim["test"][0]
        test["holds"] = re.sub(r"> [\d.]+", "> 99", test["holds"], count=1)
        html = html_of("threads.html")
        self.assertTrue(any("thread-native-cpu" in one for one in
                            differences("threads.html", html, claims=claims)))

    def test_a_sample_of_a_record_sealed_anew(self):
        name = "threads_cpu.json"
        text = (ROOT / "results" / REFERENCE / name).read_text(encoding="utf-8")
        raw = json.loads(text)
        # One of twenty moves few medians, and this one's interval.
        variant = next(v for v in raw["variants"] if v["name"] == "sequential")
        before = variant["samples"][0]["wall_ns"]
        # In the file a list stands in one line.
        self.assertEqual(text.count(json.dumps(before)), 1)
        spoiled = text.replace(json.dumps(before),
                               json.dumps([before[0] * 2, *before[1:]]))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / REFERENCE / name
            path.parent.mkdir()
            path.write_text(spoiled, encoding="utf-8")
            self.assertFalse(r.Record(path).is_sealed)
            anew = spoiled.replace(raw["seal"], r.seal(spoiled, 2))
            path.write_text(anew, encoding="utf-8")
            record = r.Record(path)
        self.assertTrue(record.is_sealed)
        machines = {**MACHINES, REFERENCE: {**MACHINES[REFERENCE],
                                            "threads_cpu": record}}
        html = html_of("threads.html")
        self.assertTrue(any("threads_cpu" in one for one in
                            differences("threads.html", html, machines)))
        # And in the file that a spreadsheet reads.
        with tempfile.TemporaryDirectory() as folder:
            csv = Path(folder) / "threads_cpu.csv"
            shutil.copy(PAGES / "data" / REFERENCE / csv.name, csv)
            check = r.Check(r.Book(machines, CLAIMS, REFERENCE), PAGES)
            check.samples(csv, MACHINES[REFERENCE]["threads_cpu"])
            self.assertEqual(check.differences, [])
            check.samples(csv, record)
            self.assertEqual(len(check.differences), 1)

    def test_an_expectation_that_does_not_hold(self):
        check = r.Check(r.Book(MACHINES, CLAIMS, REFERENCE), PAGES)
        check.expected("x.md:1", "threads_cpu", "chain/threads.speedup > 1.2", [""])
        self.assertEqual(check.differences, [])
        check.expected("x.md:1", "threads_cpu", "chain/threads.speedup > 99", [""])
        self.assertTrue(check.differences)


class Rules(unittest.TestCase):
    def test_the_reference_is_known_without_the_repository_too(self):
        self.assertEqual(r.REFERENCE, REFERENCE)

    def test_scipy_finds_the_same_intervals(self):
        fixture = ROOT / "lab/src/stats/intervals.json"
        cases = json.loads(fixture.read_text(encoding="utf-8"))
        self.assertGreater(len(cases), 50)
        for case in cases:
            found = r.over_sittings(case["sittings"])
            for end in ("low", "median", "high"):
                self.assertAlmostEqual(getattr(found, end), case[end],
                                       delta=1e-9 * max(1, abs(case[end])))

    def test_numbers_have_the_digits_that_their_intervals_carry(self):
        for unit, median, low, high, text, ends in [
            ("x", 1.9713, 1.8, 2.1, "2.0 ×", "1.8 to 2.1 ×"),
            ("s", 0.04261, 0.0425, 0.0428, "42.6 ms", "42.5 to 42.8 ms"),
            ("%", 1.987, 1.98, 1.99, "199 %", "198 to 199 %"),
            ("", 16369.0, 16369.0, 16369.0, "16 369", "16 369 to 16 369"),
            ("s", 0.0, -2e-6, 31e-6, "0 µs", "-2 to 31 µs"),
        ]:
            value = r.Value(r.Estimate(median, low, high, 9, 1), unit)
            shown = [s.replace(r.THIN, " ") for s in
                     (r.text_of(value), r.interval_of(value))]
            self.assertEqual(shown, [text, ends])

    def test_a_directive_in_code_asks_for_nothing(self):
        text = "`{{#measured a: b.c}}`\n\n```text\n{{#measured a: b.c}}\n```\n\n" \
               "{{#measured a: b.c /\n  d.c}} and {{#predict a: e.f; question=\"; ?\"}}"
        self.assertEqual([of for _, of in r.asked_by(text)], ["a: b.c / d.c", "a: e.f"])

    def test_quoted_words_join_nothing(self):
        parts = list(r.parts_of('a.answer contains "this and that" and b.wall < 1 s'))
        self.assertEqual(parts, ['a.answer contains "this and that"', "b.wall < 1 s"])


if __name__ == "__main__":
    unittest.main()
