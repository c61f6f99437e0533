//! Whether it comes out again: the intervals of one measurement against those of another, be
//! it of another machine or of another sitting on the same one.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use lab::stats::{self, Estimate};
use rayon::prelude::*;

use crate::ask::claims::Claims;
use crate::ask::condition::{Condition, Verdict};
use crate::ask::expectation::Expectation;
use crate::ask::metric::Metric;
use crate::ask::value;
use crate::store::record::{Record, Variant};
use crate::store::results::Results;

/// Two measurements of one experiment that should agree.
#[derive(Clone, Debug)]
pub struct Pair<'r> {
    /// What was known.
    pub first: Cow<'r, Record>,
    /// What came out again.
    pub again: Cow<'r, Record>,
    /// The sitting that `again` is, where both are of one record.
    pub sitting: Option<usize>,
}

/// Measurements of one machine, or of two, that should agree.
#[derive(Clone, Debug, Default)]
pub struct Pairs<'r> {
    /// By experiment.
    pub of: BTreeMap<&'r str, Vec<Pair<'r>>>,
    /// Experiments that have one measurement, and so nothing to compare it with.
    pub alone: Vec<&'r str>,
}

impl<'r> Pairs<'r> {
    /// The records of `machine`, against those of the machine `known`.
    pub fn of_machines(results: &'r Results, known: &str, machine: &str) -> Pairs<'r> {
        let of = |machine| results.machines.get(machine).into_iter().flatten();
        let mut pairs = Pairs::default();
        for (name, first) in of(known) {
            match results.machines.get(machine).and_then(|records| records.get(name)) {
                Some(again) => {
                    let (first, again) = (Cow::Borrowed(first), Cow::Borrowed(again));
                    pairs.of.insert(name, vec![Pair { first, again, sitting: None }]);
                }
                None => pairs.alone.push(name),
            }
        }
        let new = of(machine).map(|(name, _)| name.as_str());
        pairs.alone.extend(new.filter(|name| !pairs.of.contains_key(name)));
        pairs
    }

    /// Each sitting of `machine` against the others of its record, which have not seen it. One
    /// of a single round has no interval that could overlap with theirs.
    pub fn of_sittings(results: &'r Results, machine: &str) -> Pairs<'r> {
        let mut pairs = Pairs::default();
        for (name, record) in results.machines.get(machine).into_iter().flatten() {
            let count = record.sittings.len();
            // Of two, the second against the first is the first against the second.
            let left_out = if count == 2 { 1..2 } else { 0..count };
            let has_interval = |s: &usize| record.sittings[*s].rounds.kept > 1;
            let left_out: Vec<usize> = left_out.filter(has_interval).collect();
            match count == 1 || left_out.is_empty() {
                true => pairs.alone.push(name),
                false => {
                    let of_it = left_out.into_iter().map(|s| without(record, s)).collect();
                    pairs.of.insert(name, of_it);
                }
            }
        }
        pairs
    }
}

/// The other sittings of a record, and the one that was left out of them. Answers and timelines
/// are kept for all sittings together, and stay.
fn without<'r>(record: &Record, sitting: usize) -> Pair<'r> {
    let only = |keep: &dyn Fn(usize) -> bool| {
        let mut record = record.clone();
        let mut nth = 0..;
        record.sittings.retain(|_| nth.next().is_some_and(keep));
        for variant in record.variants.iter_mut().chain(&mut record.controls) {
            let mut nth = 0..;
            variant.samples.retain(|_| nth.next().is_some_and(keep));
        }
        Cow::Owned(record)
    };
    Pair {
        first: only(&|s| s != sitting),
        again: only(&|s| s == sitting),
        sitting: Some(sitting),
    }
}

/// What intervals are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Wall-clock times.
    Times,
    /// Speed-ups over the baseline of the same runner and case.
    Speedups,
    /// The experiments' own metrics.
    Metrics,
}

impl What {
    /// All there are.
    pub const ALL: [What; 3] = [What::Times, What::Speedups, What::Metrics];

    /// As a table calls it, and a selector of the book's own numbers.
    pub fn name(self) -> &'static str {
        match self {
            What::Times => "times",
            What::Speedups => "speedups",
            What::Metrics => "metrics",
        }
    }

    /// As a sentence calls one.
    pub fn one(self) -> &'static str {
        match self {
            What::Times => "time",
            What::Speedups => "speed-up",
            What::Metrics => "metric",
        }
    }

    /// As a sentence calls them.
    pub fn title(self) -> &'static str {
        match self {
            What::Times => "times",
            What::Speedups => "speed-ups",
            What::Metrics => "own metrics",
        }
    }
}

/// How far a median moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    /// The later median over the earlier.
    pub ratio: f64,
    /// What it is of.
    pub what: String,
}

impl Move {
    /// How far, be it up or down: at least 1.
    pub fn factor(&self) -> f64 {
        self.ratio.max(1.0 / self.ratio)
    }
}

/// Intervals that were compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Pairs of intervals.
    pub compared: usize,
    /// Those that overlap.
    pub overlapping: usize,
    /// How far the medians moved, the most first.
    pub moves: Vec<Move>,
    /// Pairs whose medians have no ratio, since one of them is zero.
    pub without_ratio: usize,
    /// What was measured on one side only, or is not a number.
    pub not_compared: usize,
}

impl Tally {
    fn add(&mut self, what: &str, first: Option<Estimate>, again: Option<Estimate>) {
        let is_number =
            |e: &Estimate| [e.low, e.median, e.high].iter().all(|end| end.is_finite());
        let (first, again) = match (first.filter(is_number), again.filter(is_number)) {
            (Some(first), Some(again)) => (first, again),
            _ => {
                self.not_compared += 1;
                return;
            }
        };
        self.compared += 1;
        self.overlapping += usize::from(first.low <= again.high && again.low <= first.high);
        let ratio = again.median / first.median;
        if ratio.is_finite() && ratio > 0.0 {
            self.moves.push(Move { ratio, what: what.to_owned() });
        } else {
            self.without_ratio += 1;
        }
    }

    fn sort(&mut self) {
        self.moves.sort_by(|a, b| b.factor().total_cmp(&a.factor()));
    }

    fn with(mut self, other: &Tally) -> Tally {
        self.compared += other.compared;
        self.overlapping += other.overlapping;
        self.moves.extend(other.moves.iter().cloned());
        self.without_ratio += other.without_ratio;
        self.not_compared += other.not_compared;
        self.sort();
        self
    }

    /// The share of intervals that overlap; `None` where none was compared.
    pub fn share(&self) -> Option<f64> {
        (self.compared > 0).then(|| self.overlapping as f64 / self.compared as f64)
    }

    /// How far the medians moved, in the middle.
    pub fn middle_move(&self) -> Option<f64> {
        let mut factors: Vec<f64> = self.moves.iter().map(Move::factor).collect();
        (!factors.is_empty()).then(|| stats::median(&mut factors))
    }

    /// How far the one moved that moved most.
    pub fn largest(&self) -> Option<&Move> {
        self.moves.first()
    }
}

/// What came of one experiment's intervals.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// Its name.
    pub experiment: String,
    /// In the order of [`What::ALL`].
    pub tallies: [Tally; 3],
    /// Whether one of the two was a `--quick` run.
    pub quick: bool,
}

impl Compared {
    fn of(experiment: &str, pairs: &[Pair<'_>]) -> Compared {
        let mut tallies: [Tally; 3] = Default::default();
        for pair in pairs {
            compare(pair, &mut tallies);
        }
        tallies.iter_mut().for_each(Tally::sort);
        let quick = pairs.iter().any(|pair| pair.first.quick || pair.again.quick);
        Compared { experiment: experiment.to_owned(), tallies, quick }
    }

    /// How far the time or the speed-up moved that moved most.
    pub fn largest(&self) -> Option<(What, &Move)> {
        let moves = [What::Times, What::Speedups]
            .into_iter()
            .filter_map(|what| Some((what, self.tallies[what as usize].largest()?)));
        moves.max_by(|(_, a), (_, b)| a.factor().total_cmp(&b.factor()))
    }
}

fn compare(pair: &Pair<'_>, tallies: &mut [Tally; 3]) {
    let (first, again) = (&*pair.first, &*pair.again);
    fn lane<'r>(record: &'r Record, id: &str) -> Option<&'r Variant> {
        record.variants.iter().find(|variant| variant.id() == id)
    }
    let ids: BTreeSet<String> =
        first.variants.iter().chain(&again.variants).map(Variant::id).collect();
    let sitting = pair.sitting.map_or(String::new(), |s| format!(", sitting {}", s + 1));
    for id in ids {
        let sides = [(first, lane(first, &id)), (again, lane(again, &id))];
        let mut add = |what: What, metric: &Metric| {
            let name = match what {
                What::Metrics => format!("{id}.{}{sitting}", metric.name()),
                _ => format!("{id}{sitting}"),
            };
            let [first, again] = sides.each_ref().map(|(record, variant)| {
                Some(value::value(record, (*variant)?, metric).ok()?.estimate)
            });
            tallies[what as usize].add(&name, first, again);
        };
        add(What::Times, &Metric::Wall);
        let has_speedup = |(record, variant): &(&Record, Option<&Variant>)| {
            // The baseline's own is 1, always.
            variant.is_some_and(|variant| {
                variant.name != record.baseline
                    && value::value(record, variant, &Metric::Speedup).is_ok()
            })
        };
        if sides.iter().any(has_speedup) {
            add(What::Speedups, &Metric::Speedup);
        }
        let own: BTreeSet<&String> = sides
            .iter()
            .filter_map(|(_, variant)| *variant)
            .flat_map(|variant| &variant.samples)
            .flat_map(|samples| samples.metrics.keys())
            .collect();
        for name in own {
            add(What::Metrics, &Metric::Own(name.clone()));
        }
    }
}

/// What came of all intervals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// By experiment, that which moved most first.
    pub experiments: Vec<Compared>,
}

impl Comparison {
    /// Compares the intervals of all pairs.
    pub fn of(pairs: &Pairs<'_>) -> Comparison {
        let pairs: Vec<_> = pairs.of.iter().collect();
        let mut experiments: Vec<Compared> =
            pairs.par_iter().map(|(name, pairs)| Compared::of(name, pairs)).collect();
        let moved = |compared: &Compared| compared.largest().map_or(0.0, |(_, m)| m.factor());
        experiments.sort_by(|a, b| moved(b).total_cmp(&moved(a)));
        Comparison { experiments }
    }

    /// All experiments together.
    pub fn total(&self, what: What) -> Tally {
        self.experiments
            .iter()
            .fold(Tally::default(), |sum, compared| sum.with(&compared.tallies[what as usize]))
    }
}

/// A condition whose verdict is another the second time.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// Whose condition it is, and the condition.
    pub what: String,
    /// Verdict and what was measured.
    pub first: (Verdict, String),
    /// Likewise.
    pub again: (Verdict, String),
}

/// Conditions that were asked twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asking {
    /// How many were.
    pub compared: usize,
    /// How many could not be, on one side or on both.
    pub untried: usize,
    /// Those that came to another verdict.
    pub changed: Vec<Changed>,
}

impl Asking {
    /// The tests of all claims.
    pub fn of_claims(claims: &Claims, pairs: &Pairs<'_>) -> Asking {
        let mut asking = Asking::default();
        for claim in &claims.all {
            for test in &claim.tests {
                asking.ask(
                    pairs,
                    &claim.id,
                    (&test.experiment, &test.holds),
                    claim.needs_cores,
                );
            }
        }
        asking
    }

    /// The expectations of pages, each with where it stands.
    pub fn of_pages(expectations: &[(String, Expectation)], pairs: &Pairs<'_>) -> Asking {
        let mut asking = Asking::default();
        for (place, expected) in expectations {
            asking.ask(pairs, place, (&expected.experiment, &expected.condition), 0);
        }
        asking
    }

    fn ask(
        &mut self,
        pairs: &Pairs<'_>,
        whose: &str,
        (experiment, condition): (&str, &Condition),
        cores: u32,
    ) {
        let Some(pairs) = pairs.of.get(experiment) else {
            self.untried += 1;
            return;
        };
        for pair in pairs {
            let judge = |record: &Record| {
                let is_enough = record.machine.hardware_threads >= cores;
                is_enough.then(|| condition.judge(record).ok()).flatten()
            };
            let (Some(first), Some(again)) = (judge(&pair.first), judge(&pair.again)) else {
                self.untried += 1;
                continue;
            };
            self.compared += 1;
            if first.0 != again.0 {
                let sitting = match pair.sitting {
                    Some(s) => format!(" (sitting {})", s + 1),
                    None => String::new(),
                };
                let what = format!("{whose}{sitting}: {experiment}: {condition}");
                self.changed.push(Changed { what, first, again });
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::store::record::Samples;
    use crate::store::record::tests::demo;

    /// The demo, with sittings as long as these times of its threads in Rust, in milliseconds.
    pub(crate) fn with_sittings(threads_ms: &[[u64; 3]]) -> Record {
        let mut record = demo();
        record.sittings = vec![record.sittings[0].clone(); threads_ms.len()];
        for variant in &mut record.variants {
            variant.samples = vec![variant.samples[0].clone(); threads_ms.len()];
            variant.answers = BTreeMap::from([("42".into(), 3 * threads_ms.len() as u32)]);
        }
        for (samples, times) in record.variants[1].samples.iter_mut().zip(threads_ms) {
            samples.wall_ns = times.map(|ms| ms * 1_000_000).to_vec();
        }
        record
    }

    /// The reference has the demo; `other` has it with one change.
    pub(crate) fn results(other: Record) -> Results {
        let of = |record| BTreeMap::from([("demo".to_owned(), record)]);
        let machines =
            BTreeMap::from([("ref".to_owned(), of(demo())), ("other".to_owned(), of(other))]);
        Results { reference: "ref".into(), machines, ..Results::default() }
    }

    fn compared(other: Record) -> Comparison {
        Comparison::of(&Pairs::of_machines(&results(other), "ref", "other"))
    }

    #[test]
    fn what_came_out_again_overlaps_and_what_moved_is_told_by_how_much() {
        let same = compared(demo());
        for (what, all) in [(What::Times, 4), (What::Speedups, 2), (What::Metrics, 4)] {
            let total = same.total(what);
            assert_eq!((total.overlapping, total.compared), (all, all), "{what:?}");
            assert_eq!(total.middle_move(), Some(1.0));
        }
        let mut other = demo();
        other.variants[1].samples[0].wall_ns = vec![20_000_000, 20_500_000, 19_500_000];
        let moved = compared(other);
        let times = moved.total(What::Times);
        assert_eq!((times.overlapping, times.compared), (3, 4));
        assert_eq!(times.share(), Some(0.75));
        assert_eq!(times.largest().unwrap().what, "rust/chain/threads");
        assert_eq!(times.largest().unwrap().factor(), 2.0);
        assert_eq!(moved.total(What::Speedups).overlapping, 1);
        assert_eq!(moved.experiments[0].largest().unwrap().1.factor(), 2.0);
    }

    #[test]
    fn what_cannot_be_compared_is_counted_and_not_taken_for_agreement() {
        let mut other = demo();
        let metric = |of: &mut Record, values: [f64; 3]| {
            let metrics: &mut Samples = &mut of.variants[0].samples[0];
            metrics.metrics.insert("start_up_us".into(), values.to_vec());
        };
        metric(&mut other, [f64::NAN; 3]);
        other.variants.pop();
        let comparison = compared(other.clone());
        let metrics = comparison.total(What::Metrics);
        assert_eq!((metrics.compared, metrics.not_compared), (2, 2));
        assert_eq!(comparison.total(What::Times).not_compared, 1);
        metric(&mut other, [0.0; 3]);
        let metrics = compared(other).total(What::Metrics);
        assert_eq!((metrics.compared, metrics.without_ratio), (3, 1));
        assert_eq!(metrics.moves.len(), 2);
    }

    #[test]
    fn an_experiment_that_one_machine_lacks_is_named() {
        let mut results = results(demo());
        results.machines.get_mut("other").unwrap().insert("new".into(), demo());
        results.machines.get_mut("ref").unwrap().insert("old".into(), demo());
        let pairs = Pairs::of_machines(&results, "ref", "other");
        assert_eq!(pairs.alone, ["old", "new"]);
        assert_eq!(pairs.of.len(), 1);
    }

    #[test]
    fn each_sitting_is_held_against_the_others_which_have_not_seen_it() {
        let (one, two, three) = ([40, 41, 39], [50, 51, 49], [60, 61, 59]);
        let results = results(with_sittings(&[one, two, three]));
        let pairs = Pairs::of_sittings(&results, "other");
        let walls = |record: &Record| -> Vec<u64> {
            record.variants[1].samples.iter().map(|s| s.wall_ns[0] / 1_000_000).collect()
        };
        let seen: Vec<_> = pairs.of["demo"]
            .iter()
            .map(|pair| (walls(&pair.first), walls(&pair.again), pair.sitting.unwrap()))
            .collect();
        assert_eq!(
            seen,
            [
                (vec![50, 60], vec![40], 0),
                (vec![40, 60], vec![50], 1),
                (vec![40, 50], vec![60], 2)
            ]
        );
        let times = Comparison::of(&pairs).total(What::Times);
        assert_eq!(times.compared, 12, "four variants, three times");
        assert!(times.largest().unwrap().what.starts_with("rust/chain/threads, sitting "));
    }

    #[test]
    fn two_sittings_are_compared_once_and_one_has_nothing_to_be_compared_with() {
        let two = results(with_sittings(&[[40, 41, 39]; 2]));
        let pairs = Pairs::of_sittings(&two, "other");
        assert_eq!(pairs.of["demo"].len(), 1);
        assert_eq!(Pairs::of_sittings(&two, "ref").alone, ["demo"]);
    }

    #[test]
    fn a_sitting_of_one_round_has_no_interval_and_is_not_compared() {
        let mut three = with_sittings(&[[40, 41, 39]; 3]);
        three.sittings[1].rounds.kept = 1;
        let some = results(three.clone());
        let pairs = Pairs::of_sittings(&some, "other");
        let compared: Vec<_> =
            pairs.of["demo"].iter().filter_map(|pair| pair.sitting).collect();
        assert_eq!(compared, [0, 2]);
        three.sittings.iter_mut().for_each(|sitting| sitting.rounds.kept = 1);
        assert_eq!(Pairs::of_sittings(&results(three), "other").alone, ["demo"]);
    }

    #[test]
    fn a_verdict_that_changed_is_told_with_both_measurements() {
        let mut other = demo();
        other.variants[1].samples[0].wall_ns = vec![100_000_000; 3];
        let claims: Claims = toml::from_str(
            "[[claim]]\nid = 'x'\ntopic = 't'\nclaim = 'c'\ndecides = 'd'\nneeds-cores = 2\n\
             [[claim.test]]\nexperiment = 'demo'\nholds = 'chain/threads.speedup > 1.5'\n\
             [[claim.test]]\nexperiment = 'demo'\nholds = 'chain/threads.voluntary == 2'\n\
             [[claim.test]]\nexperiment = 'gone'\nholds = 'chain/threads.voluntary == 2'\n",
        )
        .unwrap();
        let mut results = results(other);
        let pairs = Pairs::of_machines(&results, "ref", "other");
        let asking = Asking::of_claims(&claims, &pairs);
        assert_eq!((asking.compared, asking.untried), (2, 1));
        let [changed] = &asking.changed[..] else { panic!("{asking:?}") };
        assert_eq!(changed.what, "x: demo: chain/threads.speedup > 1.5");
        assert_eq!((changed.first.0, changed.again.0), (Verdict::Holds, Verdict::Fails));
        assert!(changed.again.1.starts_with("0.8"), "{changed:?}");

        let expected = Expectation {
            experiment: "demo".into(),
            condition: Condition::parse("chain/threads.speedup > 1.5").unwrap(),
            except: Vec::new(),
            there: String::new(),
        };
        let asking = Asking::of_pages(&[("book/a.md:3".into(), expected)], &pairs);
        assert!(asking.changed[0].what.starts_with("book/a.md:3: demo"), "{asking:?}");

        let other = results.machines.get_mut("other").unwrap().get_mut("demo").unwrap();
        other.machine.hardware_threads = 1;
        let pairs = Pairs::of_machines(&results, "ref", "other");
        assert_eq!(Asking::of_claims(&claims, &pairs).untried, 3, "it has too few cores");
    }
}
