//! What all records say together: how sure their numbers are on another day, on another
//! machine, and against themselves.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow, bail};
use lab::stats::{self, Estimate};

use crate::ask::condition::Asked;
use crate::ask::metric::Metric;
use crate::ask::near::Unknown;
use crate::ask::replication::{Comparison, Pairs, What};
use crate::ask::selector::Expression;
use crate::ask::unit::Unit;
use crate::ask::value::{self, Value};
use crate::store::record::Variant;
use crate::store::results::{LOCAL, Results};

/// How far the sittings of a record lie apart: of each variant, the span of the sittings'
/// medians as a share of the middle one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spread {
    sorted: Vec<f64>,
}

impl Spread {
    /// Of the times, or the speed-ups, of all records of several sittings of `machine`.
    pub fn of(results: &Results, machine: &str, metric: &Metric) -> Spread {
        let mut sorted = Vec::new();
        let records = results.machines.get(machine).into_iter().flat_map(BTreeMap::values);
        for record in records.filter(|record| record.sittings.len() > 1) {
            for variant in &record.variants {
                let is_one = *metric == Metric::Speedup && variant.name == record.baseline;
                let Ok((lists, _)) = value::samples(record, variant, metric) else { continue };
                let mut medians: Vec<f64> = lists
                    .into_iter()
                    .filter(|list| !list.is_empty())
                    .map(|mut list| stats::median(&mut list))
                    .collect();
                let middle = stats::median(&mut medians);
                let span = medians.iter().copied().fold(f64::MIN, f64::max)
                    - medians.iter().copied().fold(f64::MAX, f64::min);
                let spread = span / middle;
                if !is_one && spread.is_finite() {
                    sorted.push(spread);
                }
            }
        }
        sorted.sort_by(f64::total_cmp);
        Spread { sorted }
    }

    /// The share that `q` of the variants do not exceed; `None` without several sittings.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        (!self.sorted.is_empty()).then(|| stats::quantile(&self.sorted, q))
    }

    /// How many variants there were.
    pub fn count(&self) -> usize {
        self.sorted.len()
    }
}

/// A variant that was asked twice in every round, and differs from itself or does not.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// Machine, experiment and variant.
    pub of: String,
    /// The second asking over the first, round by round.
    pub ratio: Estimate,
}

impl Control {
    /// Every control of the committed machines.
    pub fn all(results: &Results) -> Vec<Control> {
        let mut all = Vec::new();
        for machine in committed(results) {
            for (name, record) in &results.machines[machine] {
                for control in &record.controls {
                    let id = control.id();
                    let variant = record.variants.iter().find(|variant| variant.id() == id);
                    let Some(variant) = variant else { continue };
                    let ratios = value::times_faster(control, variant);
                    if let Some(ratio) = stats::over_sittings(&ratios) {
                        all.push(Control { of: format!("{machine}: {name}: {id}"), ratio });
                    }
                }
            }
        }
        all
    }

    /// Whether the interval has 1 in it, as it must: both are the same program.
    pub fn holds(&self) -> bool {
        self.ratio.low <= 1.0 && 1.0 <= self.ratio.high
    }
}

/// The machines whose records are the book's.
pub fn committed(results: &Results) -> impl Iterator<Item = &str> {
    results.machines.keys().map(String::as_str).filter(|name| *name != LOCAL)
}

/// The name under which a page asks for what is of no one record, but of all.
pub const BOOK: &str = "book";

/// What all committed records say together of whether they would come out again.
#[derive(Clone, Debug, Default)]
pub struct Together {
    /// Sittings that the intervals of their records have not seen, by machine.
    pub sittings: BTreeMap<String, Comparison>,
    /// Every other machine against the reference.
    pub machines: BTreeMap<String, Comparison>,
    /// How far times lie apart between sittings, by machine.
    pub spread: BTreeMap<String, Spread>,
    /// Variants that were asked twice.
    pub controls: Vec<Control>,
}

impl Together {
    /// Compares all that can be. What nobody can compare yet is left out.
    pub fn of(results: &Results) -> Together {
        let mut together = Together { controls: Control::all(results), ..Together::default() };
        for machine in results.machines.keys() {
            let sittings = Pairs::of_sittings(results, machine);
            if !sittings.of.is_empty() {
                together.sittings.insert(machine.clone(), Comparison::of(&sittings));
                let spread = Spread::of(results, machine, &Metric::Wall);
                together.spread.insert(machine.clone(), spread);
            }
            let known = Pairs::of_machines(results, &results.reference, machine);
            if *machine != results.reference && !known.of.is_empty() {
                together.machines.insert(machine.clone(), Comparison::of(&known));
            }
        }
        together
    }

    /// How many of how many: the book's number that `lane` and `metric` name.
    ///
    /// # Errors
    /// When there is none of that name, or nothing to count yet.
    pub fn count(&self, lane: &str, metric: &str) -> Result<(usize, usize)> {
        let known = ["sittings.times", "sittings.speedups", "sittings.metrics"];
        let known = known.into_iter().chain(["machines.times", "machines.speedups"]);
        let known = known.chain(["machines.metrics", "controls.hold"]);
        let what = What::ALL.into_iter().find(|what| what.name() == metric);
        let (that, of) = match (lane, what) {
            ("sittings", Some(what)) => total(&self.sittings, what),
            ("machines", Some(what)) => total(&self.machines, what),
            ("controls", None) if metric == "hold" => {
                let holding = self.controls.iter().filter(|control| control.holds());
                (holding.count(), self.controls.len())
            }
            _ => {
                let name = format!("{lane}.{metric}");
                let text = format!("the book as a whole has no number `{name}`");
                bail!(Unknown::new(text, &name, known));
            }
        };
        match (of, lane) {
            (0, "sittings") => Err(anyhow!("no record has several sittings yet")),
            (0, "machines") => Err(anyhow!("there are records of one machine only")),
            (0, _) => Err(anyhow!("no record has a control yet")),
            _ => Ok((that, of)),
        }
    }
}

/// Overlapping intervals of all committed machines, and how many there are.
fn total(by_machine: &BTreeMap<String, Comparison>, what: What) -> (usize, usize) {
    let committed = by_machine.iter().filter(|(name, _)| *name != LOCAL);
    committed.map(|(_, comparison)| comparison.total(what)).fold(
        (0, 0),
        |(overlapping, compared), tally| {
            (overlapping + tally.overlapping, compared + tally.compared)
        },
    )
}

impl Asked for Together {
    /// A share of what was counted. It is counted and not estimated, so it has no width.
    fn value(&self, expression: &Expression) -> Result<Value> {
        let Expression::One(selector) = expression else {
            bail!("of the book as a whole there are no ratios");
        };
        let (that, of) = self.count(&selector.lane, selector.metric.name())?;
        let share = that as f64 / of as f64;
        let estimate = Estimate { median: share, low: share, high: share, n: of, sittings: 1 };
        Ok(Value { estimate, unit: Unit::Share })
    }

    fn variant(&self, lane: &str) -> Result<&Variant> {
        bail!("the book as a whole has no answer `{lane}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::condition::{Condition, Verdict};
    use crate::ask::replication::tests::{results, with_sittings};
    use crate::store::record::tests::demo;

    fn judged(results: &Results, condition: &str) -> Result<(Verdict, String)> {
        Condition::parse(condition)?.judge(&Together::of(results))
    }

    #[test]
    fn a_control_holds_where_its_interval_has_one_in_it() {
        let mut same = demo();
        same.controls = vec![same.variants[0].clone()];
        let mut apart = same.clone();
        apart.controls[0].samples[0].wall_ns = vec![90_000_000; 3];
        let both = |record, of: usize| {
            let mut results = results(demo());
            results.machines.insert(LOCAL.into(), results.machines["ref"].clone());
            results.machines.get_mut(LOCAL).unwrap().insert("demo".into(), apart.clone());
            results.machines.get_mut("ref").unwrap().insert("demo".into(), same.clone());
            results.machines.get_mut("other").unwrap().insert("demo".into(), record);
            let together = Together::of(&results);
            assert_eq!(together.count("controls", "hold").unwrap(), (of, 2));
            together.controls
        };
        both(same.clone(), 2);
        let controls = both(apart.clone(), 1);
        let differing = controls.iter().find(|control| !control.holds()).unwrap();
        assert_eq!(differing.of, "other: demo: rust/chain/sequential");
        assert!(differing.ratio.median > 1.1, "{differing:?}");
    }

    #[test]
    fn a_page_may_rest_on_the_share_of_what_comes_out_again() {
        let mut away = with_sittings(&[[40, 41, 39], [40, 41, 39]]);
        away.variants[1].samples[1].wall_ns = vec![90_000_000; 3];
        let results = results(away);
        for (condition, verdict) in [
            ("sittings.times >= 75 %", Verdict::Holds),
            ("sittings.times > 75 %", Verdict::Fails),
            ("sittings.speedups == 50 %", Verdict::Holds),
            ("sittings.metrics == 100 %", Verdict::Holds),
            ("machines.times >= 97 %", Verdict::Holds),
        ] {
            assert_eq!(judged(&results, condition).unwrap().0, verdict, "{condition}");
        }
    }

    #[test]
    fn what_nobody_can_compare_yet_is_no_share_and_a_wrong_name_has_its_nearest() {
        let mut one = results(demo());
        one.machines.remove("other");
        for (condition, says) in [
            ("sittings.times > 95 %", "no record has several sittings yet"),
            ("machines.speedups > 1 %", "there are records of one machine only"),
            ("controls.hold > 95 %", "no record has a control yet"),
            ("sitting.times > 95 %", "did you mean `sittings.times`?"),
            ("a.b / c.d > 1", "there are no ratios"),
            ("a.answer contains x", "has no answer `a`"),
        ] {
            let text = judged(&one, condition).unwrap_err().to_string();
            assert!(text.contains(says), "{condition}: {text}");
        }
    }

    #[test]
    fn the_readers_own_records_are_shown_and_do_not_count() {
        let mut local = results(demo());
        let other = local.machines.remove("other").unwrap();
        local.machines.insert(LOCAL.into(), other);
        let together = Together::of(&local);
        assert!(together.machines.contains_key(LOCAL));
        assert!(together.count("machines", "times").is_err());
    }

    #[test]
    fn the_spread_is_that_of_the_sittings_medians() {
        let results = results(with_sittings(&[[40, 41, 39], [50, 51, 49], [60, 61, 59]]));
        let spread = Spread::of(&results, "other", &Metric::Wall);
        assert_eq!((spread.count(), spread.quantile(0.5)), (4, Some(0.0)));
        let most = spread.quantile(1.0).unwrap();
        assert!((most - 0.4).abs() < 1e-9, "20 ms of 50: {most}");
        let speedups = Spread::of(&results, "other", &Metric::Speedup);
        assert_eq!(speedups.count(), 2, "the baseline's is 1, always");
        assert_eq!(Spread::of(&results, "ref", &Metric::Wall).quantile(0.5), None);
    }
}
