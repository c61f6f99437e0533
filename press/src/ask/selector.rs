//! Selectors: how a page asks a record for a number.
//!
//! ```text
//! selector   = lane "." metric
//! lane       = [runner "/"] [case "/"] name        rust is understood
//! expression = selector | selector "/" selector    with blanks around the slash
//! ```
//!
//! `threads.speedup`, `python/chain/threads.cpu`, `many/start.wall / many/run.wall`.
//! `python` means the first Python of the record.

use std::fmt;

use anyhow::{Result, anyhow, bail};
use lab::stats;

use crate::ask::metric::Metric;
use crate::ask::near::Unknown;
use crate::ask::unit::Unit;
use crate::ask::value::{self, Value};
use crate::store::record::{Record, Variant};

/// The runner of what is of all runners of a record together. No record has such a one, and
/// what was computed of one may.
pub const ALL_RUNNERS: &str = "both";

/// A lane and a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// `[runner/][case/]variant`.
    pub lane: String,
    /// What is asked of it.
    pub metric: Metric,
}

/// What a directive asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// One selector.
    One(Selector),
    /// The first over the second, round by round.
    Ratio(Selector, Selector),
}

impl Selector {
    /// # Errors
    /// When there is no lane or no metric.
    pub fn parse(text: &str) -> Result<Selector> {
        // The metric has no slash; a runner's name may have dots (cpython-3.11/threads.wall).
        match text.trim().rsplit_once('.') {
            Some((lane, metric)) if !lane.is_empty() && !metric.contains('/') => {
                Ok(Selector { lane: lane.into(), metric: Metric::parse(metric) })
            }
            _ => bail!(
                "`{text}` is not a selector; write `lane.metric`, as in `threads.speedup`"
            ),
        }
    }

    /// # Errors
    /// When the record has no such lane or metric; the message names the nearest.
    pub fn value(&self, record: &Record) -> Result<Value> {
        let variant = find(record, &self.lane)?;
        value::value(record, variant, &self.metric)
    }
}

impl Expression {
    /// # Errors
    /// When one of its selectors is none.
    pub fn parse(text: &str) -> Result<Expression> {
        Ok(match text.split_once(" / ") {
            Some((above, below)) => {
                Expression::Ratio(Selector::parse(above)?, Selector::parse(below)?)
            }
            None => Expression::One(Selector::parse(text)?),
        })
    }

    /// # Errors
    /// When the record cannot answer it.
    pub fn value(&self, record: &Record) -> Result<Value> {
        match self {
            Expression::One(selector) => selector.value(record),
            Expression::Ratio(above, below) => {
                let samples =
                    |of: &Selector| value::samples(record, find(record, &of.lane)?, &of.metric);
                let ((a, unit_a), (b, unit_b)) = (samples(above)?, samples(below)?);
                let (above, below) = (above.metric.name(), below.metric.name());
                if unit_a != unit_b {
                    bail!("`{above}` and `{below}` have different units");
                }
                let lengths =
                    |lists: &[Vec<f64>]| lists.iter().map(Vec::len).collect::<Vec<_>>();
                if lengths(&a) != lengths(&b) {
                    bail!("`{above}` and `{below}` have no rounds in common");
                }
                let ratios: Vec<Vec<f64>> = a
                    .iter()
                    .zip(&b)
                    .map(|(a, b)| a.iter().zip(b).map(|(a, b)| a / b).collect())
                    .collect();
                let estimate = stats::over_sittings(&ratios)
                    .filter(|e| e.median.is_finite())
                    .ok_or_else(|| anyhow!("no ratio: `{below}` is 0"))?;
                Ok(Value { estimate, unit: Unit::Times })
            }
        }
    }

    /// The lanes it asks about.
    pub fn lanes(&self) -> Vec<&str> {
        match self {
            Expression::One(a) => vec![&a.lane],
            Expression::Ratio(a, b) => vec![&a.lane, &b.lane],
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.lane, self.metric.name())
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expression::One(selector) => selector.fmt(f),
            Expression::Ratio(above, below) => write!(f, "{above} / {below}"),
        }
    }
}

/// The variant that `lane` names.
///
/// # Errors
/// When there is none; the message names the nearest.
pub fn find<'r>(record: &'r Record, lane: &str) -> Result<&'r Variant> {
    let full = full_lane(record, lane);
    record.variants.iter().find(|variant| variant.id() == full).ok_or_else(|| {
        let ids: Vec<String> = record.variants.iter().map(Variant::id).collect();
        let text = format!("`{}` has no variant `{lane}`", record.experiment);
        Unknown::new(text, &full, ids.iter().map(String::as_str)).into()
    })
}

/// Adds the runner that is understood, and resolves `python` and, in patterns, `all`.
pub fn full_lane(record: &Record, lane: &str) -> String {
    let (first, rest) = lane.split_once('/').unwrap_or(("", lane));
    if first == "all" {
        return format!("*/{rest}");
    }
    if first == "python" {
        let python = record.runners.iter().find(|runner| runner.gil.is_some());
        return format!("{}/{rest}", python.map_or("python", |runner| &runner.name));
    }
    if record.runners.iter().any(|runner| runner.name == first) {
        return lane.to_owned();
    }
    let has_all = record.runners.first().is_some_and(|runner| runner.name == ALL_RUNNERS);
    format!("{}/{lane}", if has_all { ALL_RUNNERS } else { "rust" })
}

/// Orders interpreters of one kind by what their versions say, 3.9 before 3.10 and 3.13 before
/// 3.13t; to be compared among those of one kind.
pub fn version(runner: &str) -> (Vec<u64>, String) {
    let (_, version) = runner.split_once('-').unwrap_or((runner, ""));
    let after = version.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let numbers = version[..version.len() - after.len()].split('.');
    (numbers.map(|number| number.parse().unwrap_or(u64::MAX)).collect(), after.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::tests::demo;

    fn value_of(text: &str) -> Value {
        Expression::parse(text).unwrap().value(&demo()).unwrap()
    }

    fn fault(text: &str) -> String {
        match Expression::parse(text).and_then(|e| e.value(&demo())) {
            Ok(value) => panic!("{text} gives {value:?}"),
            Err(e) => format!("{e:#}"),
        }
    }

    #[test]
    fn a_selector_finds_rust_python_and_any_interpreter_by_name() {
        for (text, seconds) in [
            ("chain/threads.wall", 0.04),
            ("rust/chain/threads.wall", 0.04),
            ("python/chain/threads.wall", 0.82),
            ("cpython-3.11/chain/threads.wall", 0.82),
        ] {
            assert!((value_of(text).estimate.median - seconds).abs() < 1e-9, "{text}");
        }
    }

    #[test]
    fn interpreters_are_ordered_by_the_numbers_of_their_versions() {
        let sorted = ["2.7", "3.6", "3.9", "3.10", "3.13", "3.13t", "3.14"];
        let mut versions = sorted.map(|version| format!("cpython-{version}"));
        versions.sort();
        versions.sort_by_key(|runner| version(runner));
        assert_eq!(versions, sorted.map(|version| format!("cpython-{version}")));
        version("rust");
        version("cpython-99999999999999999999.é");
    }

    #[test]
    fn a_speed_up_is_taken_against_the_same_runner_and_case() {
        let rust = value_of("chain/threads.speedup");
        assert!((rust.estimate.median - 2.0).abs() < 0.02, "{rust:?}");
        assert!(value_of("python/chain/threads.speedup").estimate.median < 1.0);
    }

    #[test]
    fn a_ratio_is_paired_round_by_round() {
        let ratio = value_of("python/chain/sequential.wall / chain/sequential.wall");
        assert_eq!(ratio.unit, Unit::Times);
        assert!((ratio.estimate.low - 10.0).abs() < 1e-9, "{ratio:?}");
        assert!((ratio.estimate.high - 10.0).abs() < 1e-9, "{ratio:?}");
    }

    #[test]
    fn own_metrics_are_brought_to_base_units() {
        let start = value_of("chain/threads.start_up_us");
        assert!((start.estimate.median - 21e-6).abs() < 1e-12, "{start:?}");
        assert_eq!(start.unit, Unit::Seconds);
    }

    #[test]
    fn what_is_not_there_is_named_with_its_nearest() {
        for (text, says) in [
            (
                "chain/thread.wall",
                "has no variant `chain/thread`; did you mean `rust/chain/threads`?",
            ),
            ("chain/threads.speedups", "has no metric `speedups`; did you mean `speedup`?"),
            ("chain/threads.involuntary", "was not counted on this platform"),
            ("threads", "is not a selector"),
            ("chain/threads.wall / chain/threads.peak", "have different units"),
        ] {
            let text_of = fault(text);
            assert!(text_of.contains(says), "{text}: {text_of}");
        }
    }
}
