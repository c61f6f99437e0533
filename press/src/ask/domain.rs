//! What a number can be at all, whatever is measured: by it, a condition that could not fail
//! is told from one that could.

use crate::ask::metric::Metric;
use crate::ask::unit::{self, Unit};

/// The values that an expression may have, in its unit's base, and why no others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Domain {
    /// The least; −∞ where there is none.
    pub least: f64,
    /// The greatest; ∞ where there is none.
    pub most: f64,
    /// What it is, and what is known of it by that.
    pub why: &'static str,
}

const fn from_zero(why: &'static str) -> Domain {
    Domain { least: 0.0, most: f64::INFINITY, why }
}

const TIME: Domain = from_zero("a time is not negative");
const COUNT: Domain = from_zero("a count is not negative");
const RATIO: Domain = from_zero("a ratio is not negative");
const ONE: Domain = Domain { least: 1.0, most: 1.0, why: "anything over itself is 1" };
const OF_CORES: Domain = from_zero("a share of a core is not negative");
const ERROR: Domain = from_zero("an error is not negative");
const PART: Domain =
    Domain { least: 0.0, most: 1.0, why: "a share lies between none and all, 0 and 100 %" };
const ANY: Domain =
    Domain { least: f64::NEG_INFINITY, most: f64::INFINITY, why: "it may be any number" };

/// What the first over the second can be.
pub fn of_ratio(is_itself: bool) -> Domain {
    if is_itself { ONE } else { RATIO }
}

/// What a metric can be.
pub fn of(metric: &Metric) -> Domain {
    match metric {
        Metric::Wall | Metric::Cpu | Metric::Slice => TIME,
        Metric::Speedup => RATIO,
        // Two cores in use are 200 %.
        Metric::Utilization => OF_CORES,
        Metric::Overlap | Metric::OverlapInside => PART,
        Metric::Voluntary
        | Metric::Involuntary
        | Metric::Switches
        | Metric::Threads
        | Metric::Slices => COUNT,
        Metric::Peak => from_zero("memory in use is not negative"),
        Metric::Own(name) => own(name),
    }
}

fn own(name: &str) -> Domain {
    let (stem, unit, _) = unit::of_metric(name);
    let is_about = |word| stem.split('_').any(|part| part == word);
    match unit {
        // A timer may be early.
        Unit::Seconds if is_about("late") => ANY,
        Unit::Seconds => TIME,
        Unit::Share if is_about("cpu") => OF_CORES,
        Unit::Share if is_about("error") => ERROR,
        Unit::Share => PART,
        // It may be a difference.
        Unit::Bytes => ANY,
        Unit::Times => RATIO,
        Unit::Count => COUNT,
    }
}

impl Domain {
    /// `x`, or the end that it lies beyond.
    pub fn hold(&self, x: f64) -> f64 {
        x.clamp(self.least, self.most)
    }

    /// Values to try: both ends, each threshold, one between any two of these, and one beyond
    /// the last where there is no end. Between two of them a comparison says the same.
    pub fn values(&self, thresholds: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut points: Vec<f64> = thresholds.chain([self.least, self.most]).collect();
        points.retain(|x| x.is_finite() && (self.least..=self.most).contains(x));
        points.sort_by(f64::total_cmp);
        points.dedup();
        let (Some(&first), Some(&last)) = (points.first(), points.last()) else {
            return vec![0.0];
        };
        let mut values = points.clone();
        values.extend(points.windows(2).map(|pair| pair[0] / 2.0 + pair[1] / 2.0));
        if self.least.is_infinite() {
            values.push(first - first.abs() - 1.0);
        }
        if self.most.is_infinite() {
            values.push(last + last.abs() + 1.0);
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_bounded_by_what_it_is_a_number_of() {
        for (text, domain) in [
            ("wall", TIME),
            ("speedup", RATIO),
            ("utilization", OF_CORES),
            ("client_cpu_share", OF_CORES),
            ("lost_share", PART),
            ("overlap", PART),
            ("lost", COUNT),
            ("late_max_ms", ANY),
            ("start_up_us", TIME),
            ("pss_bytes", ANY),
        ] {
            assert_eq!(of(&Metric::parse(text)), domain, "{text}");
        }
    }

    #[test]
    fn values_to_try_stay_inside_and_lie_on_each_side_of_every_threshold() {
        assert_eq!(PART.values([0.5, 3.0].into_iter()), [0.0, 0.5, 1.0, 0.25, 0.75]);
        assert_eq!(TIME.values([-1.0].into_iter()), [0.0, 1.0]);
        assert_eq!(ANY.values([2.0].into_iter()), [2.0, -1.0, 5.0]);
        assert_eq!(ANY.values([].into_iter()), [0.0]);
    }
}
