//! Verdicts drawn: a row a test, its number over an axis on whose shaded side the claim holds.

use maud::{Markup, html};

use super::html::{percent, runner_title};
use crate::ask::claims::{Found, Judgment, Part, Reason, Verdict};
use crate::ask::number;
use crate::ask::unit::Unit;
use crate::ask::value::Value;

/// The class that a verdict is colored by.
pub fn class(verdict: Verdict) -> String {
    format!("is-{}", verdict.to_string().replace(' ', "-"))
}

/// The tests of a claim as they came out, drawn.
pub fn rows(judged: &Judgment) -> Markup {
    let tests = together(&judged.reasons);
    let all = || tests.iter().flat_map(|(_, reasons)| reasons.iter().flat_map(|r| &r.parts));
    let abouts: Vec<&str> = all().map(|part| part.about.as_str()).collect();
    let one_about = abouts.windows(2).all(|two| two[0] == two[1]);
    let mut axis: Option<Axis> = None;
    let mut rows = Vec::new();
    let mut about_before: Option<String> = None;
    for (circumstance, reasons) in &tests {
        let mut label = *circumstance;
        for reason in reasons.iter().filter(|reason| reason.parts.is_empty()) {
            rows.push(untried(std::mem::take(&mut label), reason));
        }
        for (part, name) in in_order(reasons) {
            let new = Axis::of(part, all());
            if let Some(new) = new.filter(|new| axis.as_ref() != Some(new)) {
                rows.push(new.head());
                axis = Some(new);
            }
            let label = std::mem::take(&mut label);
            let about = match (name, one_about) {
                (Some(name), true) => Some(name.to_owned()),
                (Some(name), false) => Some(format!("{name}: {}", part.about)),
                (None, one_about) => (!one_about).then(|| part.about.clone()),
            };
            // Of two languages that are asked the same, the first says what.
            let is_same = label.is_empty() && about == about_before;
            let shown = about.as_deref().filter(|_| !is_same);
            rows.push(row(label, shown, part, axis.as_ref()));
            about_before = about;
        }
    }
    html! {
        ul class="trial" { @for row in rows { (row) } }
        @if one_about && let Some(about) = abouts.first() && *about != "answer" {
            p class="trial-note" { (about) ": dot and whisker are the median and its 95 % interval" }
        }
    }
}

/// The parts of tests of one circumstance, each with the name of its variant where the test has
/// several that ask alike. What is asked of several languages stands together, question by
/// question.
fn in_order<'r>(reasons: &[&'r Reason]) -> Vec<(&'r Part, Option<&'r str>)> {
    let named = |reason: &&'r Reason| -> Vec<(&'r Part, Option<&'r str>)> {
        reason.parts.iter().map(|part| (part, name(part, &reason.parts))).collect()
    };
    let all: Vec<_> = reasons.iter().map(named).collect();
    let questions = all.first().map_or(0, Vec::len);
    if all.iter().any(|parts| parts.len() != questions) {
        return all.concat();
    }
    (0..questions).flat_map(|i| all.iter().map(move |parts| parts[i])).collect()
}

/// What tells `part` from the others of its test that ask the same of another variant: what
/// that is called, or its case.
fn name<'p>(part: &'p Part, parts: &'p [Part]) -> Option<&'p str> {
    let (label, case) = part.of.as_ref()?;
    let twins = parts.iter().filter(|other| other.about == part.about);
    let twins: Vec<_> = twins.filter_map(|other| other.of.as_ref()).collect();
    match () {
        () if twins.iter().all(|twin| **twin == (label.clone(), case.clone())) => None,
        () if twins.iter().any(|(other, _)| other != label) => Some(label),
        () => case.as_deref(),
    }
}

/// Tests of one circumstance stand together, whatever language they are of.
fn together(reasons: &[Reason]) -> Vec<(&str, Vec<&Reason>)> {
    let mut all: Vec<(&str, Vec<&Reason>)> = Vec::new();
    for reason in reasons {
        let circumstance = without_language(&reason.when);
        match all.iter_mut().find(|(known, _)| *known == circumstance) {
            Some((_, its)) => its.push(reason),
            None => all.push((circumstance, vec![reason])),
        }
    }
    all
}

/// The language stands in a column of its own, and so does an interpreter's version.
fn without_language(when: &str) -> &str {
    let ends = [", in Rust", ", in Python", " in Rust", " in Python", "in Rust", "in Python"];
    let when = ends.iter().find_map(|end| when.strip_suffix(end)).unwrap_or(when);
    let Some((before, version)) = when.split_once("CPython ") else { return when };
    let is_version = |c: char| c.is_ascii_digit() || c == '.';
    let after = version.trim_start_matches(is_version);
    let ends = [", in ", " in ", ", ", "in "];
    match (before, after) {
        ("" | "in ", "") => "",
        ("" | "in ", after) => after.strip_prefix(", ").unwrap_or(when),
        (before, "") => ends.iter().find_map(|end| before.strip_suffix(end)).unwrap_or(when),
        _ => when,
    }
}

/// The axis of rows that ask for the same: their threshold, and what it has room for.
#[derive(Clone, Debug, PartialEq)]
struct Axis {
    unit: Unit,
    /// Where it holds.
    wanted: (f64, f64),
    from: f64,
    to: f64,
    log: bool,
}

/// More than that from the least to the greatest asks for decades.
const WIDE: f64 = 8.0;

impl Axis {
    /// The axis of `part`: one scale for all parts of its unit, whatever they are held against.
    fn of<'p>(part: &Part, all: impl Iterator<Item = &'p Part>) -> Option<Axis> {
        let Found::Number(value, low, high) = part.found else { return None };
        let mut points: Vec<f64> = Vec::new();
        for other in all {
            if let Found::Number(theirs, from, to) = other.found
                && theirs.unit == value.unit
            {
                points.extend([from, to]);
                points.extend(super::ends(&theirs));
                points.push(theirs.estimate.median);
            }
        }
        points.extend([low, high]);
        points.retain(|x| x.is_finite());
        let most = points.iter().copied().fold(0.0, f64::max);
        let least = points.iter().copied().filter(|x| *x > 0.0).fold(most, f64::min);
        let log = most > least * WIDE && points.iter().all(|x| *x > 0.0);
        let (from, to) = match log {
            true => (least / 1.5, most * 1.5),
            false => (
                points.iter().copied().fold(0.0, f64::min),
                if most > 0.0 { most * 1.08 } else { 1.0 },
            ),
        };
        Some(Axis { unit: value.unit, wanted: (low, high), from, to, log })
    }

    /// Where `x` lies, in per cent; some room is left at both ends for the mark.
    fn place(&self, x: f64) -> f64 {
        let share = match self.log {
            true => (x.max(self.from) / self.from).ln() / (self.to / self.from).ln(),
            false => (x - self.from) / (self.to - self.from),
        };
        3.0 + 94.0 * share.clamp(0.0, 1.0)
    }

    /// The shaded side and the lines at its ends.
    fn ground(&self) -> Markup {
        let (low, high) = self.wanted;
        let edge = |x: f64, open: f64| if x.is_finite() { self.place(x) } else { open };
        let (from, to) = (edge(low, 0.0), edge(high, 100.0));
        html! {
            rect class="holds-side" x=(percent(from)) width=(percent(to - from)) y="0" height="22" {}
            // Where nothing ends the side, it goes on.
            @if !low.is_finite() { path class="goes-on" d="M1 7 L-5 11 L1 15 Z" {} }
            @if !high.is_finite() {
                svg x="100%" overflow="visible" { path class="goes-on" d="M-1 7 L5 11 L-1 15 Z" {} }
            }
            @if let Some(x) = self.second() {
                @let x = percent(self.place(x));
                line class="grid" x1=(x) x2=(x) y1="0" y2="22" {}
            }
            @for x in [low, high].into_iter().filter(|x| x.is_finite()) {
                @let x = percent(self.place(x));
                line class="threshold" x1=(x) x2=(x) y1="0" y2="22" {}
            }
        }
    }

    /// A second round number, as far from the threshold as there is, so that one knows the
    /// scale.
    fn second(&self) -> Option<f64> {
        let bounds: Vec<f64> =
            [self.wanted.0, self.wanted.1].into_iter().filter(|x| x.is_finite()).collect();
        let most = self.to.log10().floor() as i32;
        let least = if self.log { self.from.log10().ceil() as i32 } else { most - 1 };
        if !(-30..=30).contains(&most) || !(-31..=30).contains(&least) {
            return None;
        }
        let mut round: Vec<f64> = (least - 1..=most)
            .flat_map(|e| [1.0, 2.0, 5.0].map(|m| m * 10_f64.powi(e)))
            .filter(|x| (self.from..=self.to).contains(x))
            .collect();
        if !self.log {
            round.push(0.0);
        }
        let apart = |x: &f64| {
            let from = |bound: &f64| (self.place(*x) - self.place(*bound)).abs();
            bounds.iter().map(from).fold(f64::INFINITY, f64::min)
        };
        // The words beside the threshold need their room on the side where it holds.
        let is_free = |x: &f64| match (self.wanted.0.is_finite(), self.wanted.1.is_finite()) {
            (true, false) if *x > self.wanted.0 => apart(x) > 48.0,
            (false, true) if *x < self.wanted.1 => apart(x) > 48.0,
            (true, true) => apart(x) > 36.0,
            _ => apart(x) > 14.0,
        };
        let free = round.into_iter().filter(is_free);
        free.max_by(|one, other| apart(one).total_cmp(&apart(other)))
    }

    /// What the threshold is, above it, and on which side of it the claim holds. The words stay
    /// inside the plot, or reach into the empty columns before it, whatever its width is.
    fn head(&self) -> Markup {
        let (low, high) = self.wanted;
        let at = |x: f64| number::axis(self.unit, x);
        let (x, text) = match (low.is_finite(), high.is_finite()) {
            (true, false) => (low, format!("holds above {}", at(low))),
            (false, true) => (high, format!("holds below {}", at(high))),
            _ if low == high => (low, format!("holds if {}", at(low))),
            _ => ((low + high) / 2.0, format!("holds from {} to {}", at(low), at(high))),
        };
        let x = self.place(x);
        let anchor = match (low.is_finite(), high.is_finite()) {
            (true, false) => Anchor::Start,
            (false, true) => Anchor::End,
            _ => Anchor::Middle,
        };
        let tick = self.second().map(|tick| (self.place(tick), at(tick)));
        html! {
            li class="trial-head" {
                div class="plot" {
                    // What stands before it shrinks until the words have their room.
                    i style={ "flex-basis:" (anchor.basis(x, &text)) } {}
                    span class=(anchor.class()) { (text) }
                    @if let Some((place, tick)) = tick
                        && let Some(room) = room((x, anchor, &text), (place, &tick))
                    {
                        b class={ "tick " (room) } style={ "left:" (percent(place)) } {
                            span class=(Anchor::of_tick(place).class()) { (tick) }
                        }
                    }
                }
                @if self.log { span class="found" { "log scale" } }
            }
        }
    }

    fn mark(&self, value: &Value, verdict: Verdict) -> Markup {
        let e = value.estimate;
        let (x, low, high) = (self.place(e.median), self.place(e.low), self.place(e.high));
        html! {
            g class=(class(verdict)) {
                line class="trial-whisker" x1=(percent(low)) x2=(percent(high)) y1="11" y2="11" {}
                svg class="mark" x=(percent(x)) y="11" overflow="visible" {
                    @match verdict {
                        Verdict::Holds => circle r="5" {},
                        Verdict::Fails => path d="M0 -6.5 L6.5 0 L0 6.5 L-6.5 0 Z" {},
                        _ => circle class="open" r="4.5" {},
                    }
                }
            }
        }
    }
}

/// Which part of a text lies where it belongs.
#[derive(Clone, Copy, PartialEq)]
enum Anchor {
    Start,
    Middle,
    End,
}

/// A character of a head, in pixels: rather more than less.
const LETTER: f64 = 6.4;

fn width(text: &str) -> f64 {
    LETTER * text.chars().count() as f64
}

impl Anchor {
    /// That of a tick at `place`, in per cent.
    fn of_tick(place: f64) -> Anchor {
        match place {
            place if place < 10.0 => Anchor::Start,
            place if place > 90.0 => Anchor::End,
            _ => Anchor::Middle,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Anchor::Start => "from-here",
            Anchor::Middle => "around",
            Anchor::End => "up-to-here",
        }
    }

    /// How much of the width comes before a text at `x` per cent, or behind one that ends so.
    fn basis(self, x: f64, text: &str) -> String {
        match self {
            Anchor::Start => percent(x),
            Anchor::End => percent(100.0 - x),
            Anchor::Middle => format!("calc({} - {:.0}px)", percent(x), width(text) / 2.0),
        }
    }

    /// What `text` covers, from where to where in pixels, with the anchor at `x` pixels.
    fn covers(self, x: f64, text: &str) -> (f64, f64) {
        let wide = width(text);
        match self {
            Anchor::Start => (x, x + wide),
            Anchor::Middle => (x - wide / 2.0, x + wide / 2.0),
            Anchor::End => (x - wide, x),
        }
    }
}

/// From which width on a plot has room for the text of a tick beside that of the threshold, as
/// a class; none where even the widest has not.
fn room(
    (x, anchor, text): (f64, Anchor, &str),
    (place, tick): (f64, &str),
) -> Option<&'static str> {
    let rooms = [(120.0, "any"), (150.0, "over-150"), (200.0, "over-200"), (280.0, "over-280")];
    let has_room = |plot: f64| {
        let at = |x: f64| x / 100.0 * plot;
        let (from, to) = anchor.covers(at(x), text);
        // As the style sheet keeps it inside: at the right first.
        let inside = from.max(0.0).min(plot - (to - from));
        let (from, to) = (inside, inside + (to - from));
        let (start, end) = Anchor::of_tick(place).covers(at(place), tick);
        end + 6.0 < from || to + 6.0 < start
    };
    rooms.into_iter().find(|(plot, _)| has_room(*plot)).map(|(_, class)| class)
}

fn row(label: &str, about: Option<&str>, part: &Part, axis: Option<&Axis>) -> Markup {
    html! {
        li data-of=(part.asks) {
            span class="when" {
                (label)
                @if let Some(about) = about { " " span class="about-part" { (about) } }
            }
            span class="who" { (part.runner.as_deref().map_or(String::new(), runner_title)) }
            @match (&part.found, axis) {
                (Found::Number(value, ..), Some(axis)) => {
                    svg class="plot" width="100%" height="22" aria-hidden="true" {
                        (axis.ground()) (axis.mark(value, part.verdict))
                    }
                    span class="found" { (value.text()) }
                }
                (Found::Number(value, ..), None) => span class="found" { (value.text()) },
                (Found::Answer(answer), _) => span class="answered" { (answer) },
            }
            b class=(class(part.verdict)) { (short(part.verdict)) }
        }
    }
}

fn untried(label: &str, reason: &Reason) -> Markup {
    html! {
        li {
            span class="when" { (label) }
            span class="who" {}
            span class="answered" { (reason.measured.replace('`', "")) }
            b class=(class(reason.verdict)) { (short(reason.verdict)) }
        }
    }
}

/// A verdict as a row says it.
fn short(verdict: Verdict) -> String {
    match verdict {
        Verdict::Fails => "no".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::claims::Condition;
    use crate::store::record::tests::demo;

    fn reason(when: &str, holds: &str) -> Reason {
        let holds = Condition::parse(holds).unwrap();
        let (verdict, measured) = holds.judge(&demo()).unwrap();
        Reason {
            when: when.into(),
            holds: holds.to_string(),
            refuted_by: String::new(),
            experiment: "demo".into(),
            verdict,
            measured,
            after_record: None,
            parts: holds.parts(&demo()).unwrap(),
        }
    }

    fn drawn(reasons: Vec<Reason>) -> String {
        rows(&Judgment { verdict: Verdict::Depends, reasons }).into_string()
    }

    #[test]
    fn a_row_says_its_circumstance_language_number_and_verdict() {
        let html = drawn(vec![reason("threads, in Rust", "chain/threads.speedup > 1.5")]);
        for says in
            [">threads<", ">Rust<", "holds above 1.5\u{202f}×", ">holds<", "speed-up: dot"]
        {
            assert!(html.contains(says), "{says}: {html}");
        }
        assert!(!html.contains("in Rust"), "the language has a column: {html}");
    }

    #[test]
    fn a_mark_lies_on_the_shaded_side_exactly_where_the_test_holds() {
        let number = |text: &str, from: &str| -> f64 {
            let text = &text[text.find(from).unwrap() + from.len()..];
            text[..text.find('%').unwrap()].parse().unwrap()
        };
        for (holds, is_right) in [
            ("chain/threads.speedup > 1.5", true),
            ("chain/threads.speedup > 2.5", false),
            ("chain/threads.speedup < 2.5", true),
            ("chain/threads.speedup < 1.5", false),
            ("chain/threads.speedup > 0.01", true),
            ("chain/threads.speedup < 100", true),
        ] {
            let html = drawn(vec![reason("", holds)]);
            let (from, width) = (
                number(&html, "holds-side\" x=\""),
                number(&html[html.find("holds-side").unwrap()..], "width=\""),
            );
            let mark = number(&html, "class=\"mark\" x=\"");
            assert_eq!((from..=from + width).contains(&mark), is_right, "{holds}: {html}");
            let shape = if is_right { "<circle r=\"5\"" } else { "<path" };
            assert!(html.contains(shape), "a verdict differs by shape: {html}");
        }
    }

    #[test]
    fn both_ends_of_a_range_are_one_row_and_languages_of_one_circumstance_stand_together() {
        let range = "chain/threads.speedup > 1.5 and chain/threads.speedup < 2.5";
        let html = drawn(vec![
            reason("one, in Rust", range),
            reason("two, in Rust", range),
            reason("one, in Python", range),
        ]);
        assert_eq!(html.matches("<circle").count(), 3, "{html}");
        assert_eq!(html.matches("class=\"threshold\"").count(), 6, "{html}");
        assert_eq!(html.matches("holds from").count(), 1, "one axis for all: {html}");
        assert_eq!(html.matches(">one<").count(), 1, "{html}");
        assert!(html.find(">two<") > html.rfind("Rust").map(|at| at - 200), "{html}");
    }

    #[test]
    fn tests_of_one_unit_share_a_scale_that_says_if_it_is_in_decades() {
        let html = drawn(vec![
            reason("one", "chain/threads.speedup > 1.5"),
            reason("two", "chain/threads.speedup > 100"),
        ]);
        assert_eq!(html.matches("log scale").count(), 2, "{html}");
        let marks: Vec<&str> = html
            .split("class=\"mark\" x=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert_eq!(marks[0], marks[1], "one number lies at one place: {html}");
        assert!(html.contains("class=\"goes-on\""), "{html}");
    }

    #[test]
    fn a_tick_is_named_only_where_the_plot_has_room_beside_the_threshold() {
        let text = "holds above 1.8\u{202f}×";
        let beside = |x, place| room((x, Anchor::Start, text), (place, "5\u{202f}×"));
        assert_eq!(beside(3.0, 20.0), None, "in the middle of the words");
        assert_eq!(beside(80.0, 3.0), Some("over-150"), "the words are pushed to its left");
        assert_eq!(beside(3.0, 97.0), Some("over-150"));
        assert_eq!(beside(3.0, 60.0), Some("over-280"));
    }

    #[test]
    fn what_a_column_says_of_a_language_or_a_version_the_circumstance_does_not_repeat() {
        for (when, is) in [
            ("CPython 3.13, free-threaded, a loop", "free-threaded, a loop"),
            ("handed over, in CPython 3.11", "handed over"),
            ("forked, CPython 3.11", "forked"),
            ("in CPython 3.11, forked", "forked"),
            ("CPython 2.7", ""),
            ("a queue of CPython 3.11", "a queue of CPython 3.11"),
            ("asyncio", "asyncio"),
        ] {
            assert_eq!(without_language(when), is);
        }
    }

    #[test]
    fn rows_of_one_test_that_ask_alike_are_told_apart_by_their_variants() {
        let holds = "chain/threads.speedup > 1.5 and chain/sequential.speedup < 1.1";
        let html = drawn(vec![reason("all", holds)]);
        let names = ["about-part\">threads, rust<", "about-part\">sequential, rust<"];
        assert!(names.iter().all(|name| html.contains(name)), "{html}");
        let one = drawn(vec![reason("all", "chain/threads.speedup > 1.5")]);
        assert!(!one.contains("about-part"), "{one}");
    }

    #[test]
    fn an_answer_is_shown_as_text_and_what_was_not_tried_says_why() {
        let answer = reason("", "chain/threads.answer contains \"42\"");
        let mut lacking = reason("elsewhere", "chain/threads.speedup > 1.5");
        lacking.parts.clear();
        lacking.verdict = Verdict::Untried;
        lacking.measured = "no record of `demo`".into();
        let html = drawn(vec![answer, lacking]);
        assert!(html.contains("class=\"answered\">42"), "{html}");
        assert!(html.contains("no record of demo") && html.contains("not tried"), "{html}");
        assert!(!html.contains("<svg"), "{html}");
    }
}
