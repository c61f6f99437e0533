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

use anyhow::{Result, anyhow, bail};
use lab::stats::{Estimate, estimate, paired_ratio};

use crate::ask::near::nearest;
use crate::ask::slices;
use crate::store::record::{Record, Variant};

/// What a number is a number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// A ratio, written with ×.
    Times,
    /// A share of one core, as a fraction.
    Share,
    /// A count.
    Count,
}

/// A number with its interval and unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value {
    /// Median and interval, in the unit's base (seconds, bytes).
    pub estimate: Estimate,
    /// Its unit.
    pub unit: Unit,
}

/// The metrics every variant may have; its own come on top. The last four are of timelines.
const METRICS: [&str; 13] = [
    "wall",
    "cpu",
    "speedup",
    "utilization",
    "voluntary",
    "involuntary",
    "switches",
    "peak",
    "threads",
    "slice",
    "slices",
    "overlap",
    "overlap_inside",
];

/// A lane and a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    lane: String,
    metric: String,
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
                Ok(Selector { lane: lane.into(), metric: metric.into() })
            }
            _ => bail!("`{text}` is no selector; write `lane.metric`, as in `threads.speedup`"),
        }
    }

    /// # Errors
    /// When the record has no such lane or metric; the message names the nearest.
    pub fn value(&self, record: &Record) -> Result<Value> {
        let variant = find(record, &self.lane)?;
        value(record, variant, &self.metric)
    }

    /// The lane's part of the selector.
    pub fn lane(&self) -> &str {
        &self.lane
    }

    /// The metric's part.
    pub fn metric(&self) -> &str {
        &self.metric
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
                let (a, unit_a) = samples(record, find(record, &above.lane)?, &above.metric)?;
                let (b, unit_b) = samples(record, find(record, &below.lane)?, &below.metric)?;
                if unit_a != unit_b {
                    bail!("`{}` and `{}` have different units", above.metric, below.metric);
                }
                let ratio = paired_ratio(&a, &b).filter(|e| e.median.is_finite());
                let estimate =
                    ratio.ok_or_else(|| anyhow!("no ratio: `{}` is 0", below.metric))?;
                Ok(Value { estimate, unit: Unit::Times })
            }
        }
    }

    /// The lanes it asks about.
    pub fn lanes(&self) -> Vec<&str> {
        match self {
            Expression::One(a) => vec![a.lane()],
            Expression::Ratio(a, b) => vec![a.lane(), b.lane()],
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
        anyhow!(
            "`{}` has no variant `{lane}`{}",
            record.experiment,
            nearest(&full, ids.iter().map(String::as_str))
        )
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
    format!("rust/{lane}")
}

/// One metric of one variant.
///
/// # Errors
/// When it was not measured or has no such name.
pub fn value(record: &Record, variant: &Variant, metric: &str) -> Result<Value> {
    let (samples, unit) = samples(record, variant, metric)?;
    let estimate = estimate(&samples).ok_or_else(|| anyhow!("no samples"))?;
    Ok(Value { estimate, unit })
}

fn samples(record: &Record, variant: &Variant, metric: &str) -> Result<(Vec<f64>, Unit)> {
    let s = &variant.samples;
    // These two are taken of the timeline of every round, of which a record keeps the last.
    let metric = match metric {
        "overlap" => "overlap_share",
        "overlap_inside" => "overlap_inside_share",
        other => other,
    };
    let floats = |list: &[u64], scale: f64| list.iter().map(|&n| n as f64 * scale).collect();
    let counted = |list: &Option<Vec<u64>>, scale: f64| -> Result<Vec<f64>> {
        match list {
            Some(list) => Ok(floats(list, scale)),
            None => bail!("{metric} of `{}` was not counted on this platform", variant.id()),
        }
    };
    let wall: Vec<f64> = floats(&s.wall_ns, 1e-9);
    Ok(match metric {
        "wall" => (wall, Unit::Seconds),
        "cpu" => (counted(&s.cpu_ns, 1e-9)?, Unit::Seconds),
        "voluntary" => (counted(&s.voluntary, 1.0)?, Unit::Count),
        "involuntary" => (counted(&s.involuntary, 1.0)?, Unit::Count),
        "peak" => (counted(&s.peak_bytes, 1.0)?, Unit::Bytes),
        "switches" => {
            let sum =
                counted(&s.voluntary, 1.0)?.into_iter().zip(counted(&s.involuntary, 1.0)?);
            (sum.map(|(a, b)| a + b).collect(), Unit::Count)
        }
        "utilization" => {
            let cpu = counted(&s.cpu_ns, 1e-9)?;
            (cpu.iter().zip(&wall).map(|(cpu, wall)| cpu / wall).collect(), Unit::Share)
        }
        "threads" => match variant.threads {
            Some(threads) => (vec![f64::from(threads)], Unit::Count),
            None => bail!("threads of `{}` were not counted on this platform", variant.id()),
        },
        "slice" => {
            let slices = slices::slices(&variant.timeline);
            if slices.is_empty() {
                bail!("`{}` has no whole slice in a timeline", variant.id());
            }
            (slices.iter().map(|&ns| ns as f64 * 1e-9).collect(), Unit::Seconds)
        }
        "slices" if !variant.timeline.is_empty() => {
            (vec![slices::slices(&variant.timeline).len() as f64], Unit::Count)
        }
        "speedup" => {
            let base = record.variants.iter().find(|other| {
                other.runner == variant.runner
                    && other.case == variant.case
                    && other.name == record.baseline
            });
            let base = base.ok_or_else(|| {
                anyhow!("`{}` has no `{}` to compare with", variant.id(), record.baseline)
            })?;
            let pairs = base.samples.wall_ns.iter().zip(&s.wall_ns);
            (pairs.map(|(&base, &wall)| base as f64 / wall as f64).collect(), Unit::Times)
        }
        own => match s.metrics.get(own) {
            Some(values) => {
                let (unit, scale) = unit_of(own);
                (values.iter().map(|value| value * scale).collect(), unit)
            }
            None => {
                let known = METRICS.into_iter().chain(s.metrics.keys().map(String::as_str));
                bail!("`{}` has no metric `{own}`{}", variant.id(), nearest(own, known));
            }
        },
    })
}

/// The unit at the end of a metric's name, and what brings it to the base unit.
pub fn unit_of(metric: &str) -> (Unit, f64) {
    match metric.rsplit_once('_').map(|(_, unit)| unit) {
        Some("ns") => (Unit::Seconds, 1e-9),
        Some("us") => (Unit::Seconds, 1e-6),
        Some("ms") => (Unit::Seconds, 1e-3),
        Some("s") => (Unit::Seconds, 1.0),
        Some("bytes") => (Unit::Bytes, 1.0),
        Some("share") => (Unit::Share, 1.0),
        _ => (Unit::Count, 1.0),
    }
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
            ("threads", "is no selector"),
            ("chain/threads.wall / chain/threads.peak", "have different units"),
        ] {
            let text_of = fault(text);
            assert!(text_of.contains(says), "{text}: {text_of}");
        }
    }
}
