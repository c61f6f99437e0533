//! What a record answers: samples, their median and its interval.

use anyhow::{Result, anyhow, bail};
use lab::stats::{self, Estimate};

use crate::ask::domain;
use crate::ask::metric::Metric;
use crate::ask::near::Unknown;
use crate::ask::slices;
use crate::ask::unit::{self, Unit};
use crate::store::record::{Record, Samples, Variant};

/// A number with its interval and unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value {
    /// Median and interval, in the unit's base (seconds, bytes).
    pub estimate: Estimate,
    /// Its unit.
    pub unit: Unit,
}

/// One metric of one variant.
///
/// # Errors
/// When it was not measured or has no such name.
pub fn value(record: &Record, variant: &Variant, metric: &Metric) -> Result<Value> {
    let (samples, unit) = samples(record, variant, metric)?;
    let mut estimate = stats::over_sittings(&samples).ok_or_else(|| anyhow!("no samples"))?;
    // An interval is made of how far sittings lie apart, and knows no bounds of its own.
    let domain = domain::of(metric);
    (estimate.low, estimate.high) = (domain.hold(estimate.low), domain.hold(estimate.high));
    Ok(Value { estimate, unit })
}

/// The wall-clock time of one variant.
pub fn wall(record: &Record, variant: &Variant) -> Option<Value> {
    value(record, variant, &Metric::Wall).ok()
}

/// The metric's values, a list for each sitting. What is taken of the last timeline is one
/// list.
///
/// # Errors
/// When it was not measured or has no such name.
pub fn samples(
    record: &Record,
    variant: &Variant,
    metric: &Metric,
) -> Result<(Vec<Vec<f64>>, Unit)> {
    let one = match metric {
        Metric::Threads => match variant.threads {
            Some(threads) => (vec![f64::from(threads)], Unit::Count),
            None => bail!("threads of `{}` were not counted on this platform", variant.id()),
        },
        Metric::Slice => {
            let slices = slices::slices(&variant.timeline);
            if slices.is_empty() {
                bail!("`{}` has no whole slice in a timeline", variant.id());
            }
            (slices.iter().map(|&ns| ns as f64 * 1e-9).collect(), Unit::Seconds)
        }
        Metric::Slices if variant.timeline.is_empty() => {
            bail!("`{}` recorded no timeline", variant.id())
        }
        Metric::Slices => (vec![slices::slices(&variant.timeline).len() as f64], Unit::Count),
        Metric::Speedup => {
            let base = record.variants.iter().find(|other| {
                other.runner == variant.runner
                    && other.case == variant.case
                    && other.name == record.baseline
            });
            let base = base.ok_or_else(|| {
                anyhow!("`{}` has no `{}` to compare with", variant.id(), record.baseline)
            })?;
            return Ok((times_faster(base, variant), Unit::Times));
        }
        _ => {
            // Each in its place, since two variants are compared sitting by sitting.
            let mut lists = Vec::new();
            let mut unit = None;
            for of_one in &variant.samples {
                let mut list = Vec::new();
                if !of_one.are_absent() {
                    let (values, its_unit) = sitting(variant, of_one, metric)?;
                    (list, unit) = (values, Some(its_unit));
                }
                lists.push(list);
            }
            let unit = unit.ok_or_else(|| anyhow!("`{}` was left out", variant.id()))?;
            return Ok((lists, unit));
        }
    };
    Ok((vec![one.0], one.1))
}

/// How many times faster than `base` the variant was, round by round.
pub fn times_faster(base: &Variant, variant: &Variant) -> Vec<Vec<f64>> {
    let pairs = base.samples.iter().zip(&variant.samples);
    let ratios = |(base, this): (&Samples, &Samples)| {
        let rounds = base.wall_ns.iter().zip(&this.wall_ns);
        rounds.map(|(&base, &wall)| base as f64 / wall as f64).collect()
    };
    pairs.map(ratios).collect()
}

/// The metric's value in each round of one sitting.
fn sitting(variant: &Variant, s: &Samples, metric: &Metric) -> Result<(Vec<f64>, Unit)> {
    let floats = |list: &[u64], scale: f64| list.iter().map(|&n| n as f64 * scale).collect();
    let counted = |list: &Option<Vec<u64>>, scale: f64| -> Result<Vec<f64>> {
        let list = list.as_ref().ok_or_else(|| {
            anyhow!("{} of `{}` was not counted on this platform", metric.name(), variant.id())
        })?;
        Ok(floats(list, scale))
    };
    let wall: Vec<f64> = floats(&s.wall_ns, 1e-9);
    Ok(match metric {
        Metric::Wall => (wall, Unit::Seconds),
        Metric::Cpu => (counted(&s.cpu_ns, 1e-9)?, Unit::Seconds),
        Metric::Voluntary => (counted(&s.voluntary, 1.0)?, Unit::Count),
        Metric::Involuntary => (counted(&s.involuntary, 1.0)?, Unit::Count),
        Metric::Peak => (counted(&s.peak_bytes, 1.0)?, Unit::Bytes),
        Metric::Switches => {
            let sum =
                counted(&s.voluntary, 1.0)?.into_iter().zip(counted(&s.involuntary, 1.0)?);
            (sum.map(|(a, b)| a + b).collect(), Unit::Count)
        }
        Metric::Utilization => {
            let cpu = counted(&s.cpu_ns, 1e-9)?;
            (cpu.iter().zip(&wall).map(|(cpu, wall)| cpu / wall).collect(), Unit::Share)
        }
        // These two are taken of the timeline of every round, of which a record keeps the last.
        Metric::Overlap => own(variant, s, "overlap_share")?,
        Metric::OverlapInside => own(variant, s, "overlap_inside_share")?,
        Metric::Own(name) => own(variant, s, name)?,
        Metric::Threads | Metric::Slice | Metric::Slices | Metric::Speedup => {
            unreachable!("it is not asked of one sitting")
        }
    })
}

fn own(variant: &Variant, samples: &Samples, name: &str) -> Result<(Vec<f64>, Unit)> {
    let metrics = &samples.metrics;
    let values = metrics.get(name).ok_or_else(|| {
        let text = format!("`{}` has no metric `{name}`", variant.id());
        Unknown::new(text, name, Metric::names().chain(metrics.keys().map(String::as_str)))
    })?;
    let (_, unit, scale) = unit::of_metric(name);
    Ok((values.iter().map(|value| value * scale).collect(), unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::tests::demo;

    #[test]
    fn a_sitting_that_a_peer_was_left_out_of_counts_for_the_others_alone() {
        let whole = demo();
        let mut record = demo();
        record.sittings.push(record.sittings[0].clone());
        for variant in &mut record.variants {
            let again = match variant.runner.as_str() {
                "rust" => variant.samples[0].clone(),
                _ => Samples::default(),
            };
            variant.samples.insert(0, again);
        }
        for (before, now) in whole.variants.iter().zip(&record.variants) {
            for metric in [Metric::Wall, Metric::Speedup, Metric::Cpu] {
                let (Ok((one, _)), Ok((two, _))) =
                    (samples(&whole, before, &metric), samples(&record, now, &metric))
                else {
                    continue;
                };
                let first = if now.runner == "rust" { one[0].clone() } else { Vec::new() };
                assert_eq!(two, [first, one[0].clone()], "{} {}", now.id(), metric.name());
                assert!(value(&record, now, &metric).is_ok());
            }
        }
        // Left out of every sitting that is asked.
        record.variants[2].samples.pop();
        let why = samples(&record, &record.variants[2], &Metric::Wall).unwrap_err();
        assert_eq!(why.to_string(), "`cpython-3.11/chain/sequential` was left out");
    }
}
