//! Medians, and how sure we are of them.
//!
//! A number of this book is a median, and its interval should hold what *another day* finds.
//! Samples come in sittings: rounds that were made one after another, in the same processes.
//! What slows a whole sitting down (where its memory happens to lie, the neighbors on the
//! host, the clock rate of the day) cannot be seen in its rounds, however many. So each
//! sitting counts once, with its median, and the interval is made of how far these medians
//! lie apart (Kalibera and Jones 2013).
//!
//! - **Two to five sittings.** Student's t (1908) over the logarithms of their medians, with
//!   one degree of freedom less than there are sittings. Logarithms, since time is lost by
//!   factors and cannot be below zero; where a median is zero or less, the medians as they
//!   are. The method assumes that the medians scatter like a bell, and pays for being few: to
//!   each side, the interval is nine times their standard deviation at two sittings, two and a
//!   half times at three, and half of that at five.
//! - **Six and more.** Order statistics: the median of what six values were drawn from lies
//!   between the second and the fifth in 78 % of cases, and between the first and the last in
//!   97 %, whatever its distribution. We go between these to 95 %, by the formula of
//!   Hettmansperger and Sheather (1986).
//! - **Never narrower than the rounds.** All rounds together, as if of one sitting, have an
//!   interval by the same rules, and the whole reaches over it. So sittings that agree by
//!   chance do not shrink it to nothing.
//! - **One sitting.** The interval of its rounds is all there is. It speaks of that sitting
//!   only, and takes the rounds for independent. One sample is its own interval, which says
//!   nothing.
//!
//! In the [simulated worlds](coverage), where the truth is known, the interval holds it in at
//! least 93 % of cases: with rounds that are skewed, in two modes or drifting, and sittings
//! that differ by nothing or by 10 %. There is one limit. If half of all sittings are fast and
//! half slow, three of them are of one kind in every fourth case, and then nothing tells of
//! the other: no method holds the truth more often than in 75 %. Five sittings see both.
//!
//! Why not the bootstrap of Efron (1979), which this book had before? Of three sittings it can
//! draw ten different samples, and their medians never leave the range of the three, which
//! holds the truth in 75 % of cases. The bootstrap-t finds no spread to divide by in one draw
//! of nine, and BCa corrects the same ten samples. The simulation has the percentile bootstrap
//! in both forms, over one heap and on two levels, to compare with.
//!
//! The same samples give the same interval, to the last bit, on every platform.

pub mod coverage;
mod portable;

use portable::{exp, ln};

/// A median with its 95 % interval. Same unit as the samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The median of the sittings' medians: of one sitting, the middle sample (or the mean of
    /// the two middle ones).
    pub median: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
    /// How many samples it rests on, in all sittings together.
    pub n: usize,
    /// In how many sittings they were taken. The interval of one speaks of that one only.
    pub sittings: usize,
}

impl Estimate {
    /// Half the interval's width over the median: 0.01 reads "give or take 1 %".
    pub fn relative_error(&self) -> f64 {
        if self.median == 0.0 {
            return 0.0;
        }
        (self.high - self.low) / 2.0 / self.median.abs()
    }
}

/// The median over several sittings, with an interval for sittings to come; `None` when there
/// are no samples. Sittings without samples are left out.
pub fn over_sittings(sittings: &[Vec<f64>]) -> Option<Estimate> {
    let mut medians: Vec<f64> = sittings
        .iter()
        .filter(|rounds| !rounds.is_empty())
        .map(|rounds| median(&mut rounds.clone()))
        .collect();
    let mut all = sittings.concat();
    all.sort_by(f64::total_cmp);
    let (mut low, mut high) = interval(&all)?;
    let median = median(&mut medians);
    if medians.len() > 1 {
        let between = interval(&medians)?;
        (low, high) = (low.min(between.0), high.max(between.1));
    }
    Some(Estimate { median, low, high, n: all.len(), sittings: medians.len() })
}

/// The median of one sitting's `samples`, with an interval that speaks of that sitting; `None`
/// when there are no samples.
pub fn estimate(samples: &[f64]) -> Option<Estimate> {
    over_sittings(&[samples.to_vec()])
}

/// The ratio `above[i] / below[i]`, round by round of one sitting, with its interval.
///
/// Pairing cancels what slows a whole round down; `None` unless both have the same number
/// of samples and at least one.
pub fn paired_ratio(above: &[f64], below: &[f64]) -> Option<Estimate> {
    if above.len() != below.len() {
        return None;
    }
    let ratios: Vec<f64> = above.iter().zip(below).map(|(a, b)| a / b).collect();
    estimate(&ratios)
}

/// The median; sorts `samples` in place. Empty input gives NaN.
pub fn median(samples: &mut [f64]) -> f64 {
    samples.sort_by(f64::total_cmp);
    quantile(samples, 0.5)
}

/// The `q`-quantile of sorted samples, linear between neighbors. Empty input gives NaN.
pub fn quantile(sorted: &[f64], q: f64) -> f64 {
    if sorted.is_empty() {
        return f64::NAN;
    }
    at(sorted, q * (sorted.len() - 1) as f64)
}

/// What stands at a place that may lie between two samples.
fn at(sorted: &[f64], place: f64) -> f64 {
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    // Two infinities have no difference.
    if below == above { below } else { below + (above - below) * place.fract() }
}

const LEVEL: f64 = 0.95;

/// The 95 % interval of the median of what the `sorted` values were drawn from.
fn interval(sorted: &[f64]) -> Option<(f64, f64)> {
    let (first, last) = (*sorted.first()?, *sorted.last()?);
    // Of fewer, not even the first and the last have the median between them so often.
    if sorted.len() > 5 {
        let place = place(sorted.len());
        return Some((at(sorted, place), at(sorted, (sorted.len() - 1) as f64 - place)));
    }
    // One alone, and several alike, show no spread; infinity has no mean.
    if first == last || !first.is_finite() || !last.is_finite() {
        return Some((first, last));
    }
    let center = quantile(sorted, 0.5);
    if sorted.iter().all(|value| *value > 0.0 && (value / center).is_normal()) {
        let (low, high) = student(sorted.iter().map(|value| ln(value / center)));
        return Some((center * exp(low), center * exp(high)));
    }
    let (low, high) = student(sorted.iter().map(|value| value - center));
    // What is never negative, a count, stays so.
    let floor = if first >= 0.0 { 0.0 } else { f64::NEG_INFINITY };
    Some(((center + low).max(floor), center + high))
}

/// Student's interval of the mean of two to five values.
fn student(values: impl ExactSizeIterator<Item = f64> + Clone) -> (f64, f64) {
    /// The 97.5 % quantiles of Student's t with one to four degrees of freedom, as SciPy has
    /// them (see intervals.py).
    const T: [f64; 4] = [
        12.706_204_736_174_7,
        4.302_652_729_749_46,
        3.182_446_305_283_71,
        2.776_445_105_197_79,
    ];
    let n = values.len() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let squares: f64 = values.clone().map(|value| (value - mean) * (value - mean)).sum();
    let half = T[values.len() - 2] * (squares / (n - 1.0) / n).sqrt();
    (mean - half, mean + half)
}

/// Where among `n` sorted values, counted from 0, the interval begins; it ends as far from the
/// last.
///
/// The median of what they were drawn from has as many of them below it as a fair coin falls
/// on one side in `n` throws. So it lies outside the `r`-th from either end when fewer than `r`
/// do: the tails of the binomial distribution tell how often. Between the last `r` that covers
/// enough and the next, Hettmansperger and Sheather interpolate.
fn place(n: usize) -> f64 {
    // n over i for i from the middle down to 0, as shares of the largest: 2^n is too large.
    let mut terms = vec![1.0];
    for i in (1..=n / 2).rev() {
        terms.push(terms[terms.len() - 1] * i as f64 / (n - i + 1) as f64);
    }
    let half: f64 = terms.iter().sum();
    let all = if n.is_multiple_of(2) { 2.0 * half - 1.0 } else { 2.0 * half };
    let (mut r, mut covered) = (0, 1.0);
    for term in terms.iter().rev() {
        let next = covered - 2.0 * term / all;
        if next < LEVEL {
            let surplus = (covered - LEVEL) / (covered - next);
            let (n, r) = (n as f64, f64::from(r));
            return r - 1.0 + (n - r) * surplus / (r + (n - 2.0 * r) * surplus);
        }
        (r, covered) = (r + 1, next);
    }
    unreachable!("at the middle, nothing is covered")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Value;
    use crate::random::Random;

    fn ends(e: Estimate) -> (f64, f64, f64) {
        (e.low, e.median, e.high)
    }

    #[test]
    fn no_samples_give_no_estimate() {
        assert_eq!(estimate(&[]), None);
        assert_eq!(over_sittings(&[]), None);
        assert_eq!(over_sittings(&[vec![], vec![]]), None);
        assert_eq!(paired_ratio(&[], &[]), None);
        assert_eq!(paired_ratio(&[1.0, 2.0], &[1.0]), None);
    }

    #[test]
    fn one_sample_is_its_own_interval() {
        assert_eq!(ends(estimate(&[7.0]).unwrap()), (7.0, 7.0, 7.0));
    }

    #[test]
    fn rounds_and_sittings_are_counted_and_empty_sittings_are_not() {
        let e = over_sittings(&[vec![1.0, 2.0], vec![], vec![3.0]]).unwrap();
        assert_eq!((e.n, e.sittings), (3, 2));
        assert_eq!(estimate(&[1.0, 2.0]).unwrap().sittings, 1);
    }

    #[test]
    fn the_interval_ignores_a_lone_outlier_among_many() {
        let mut samples: Vec<f64> = (0..21).map(|i| 100.0 + f64::from(i % 5)).collect();
        samples[3] = 10_000.0;
        let e = estimate(&samples).unwrap();
        assert!(e.high < 110.0, "an outlier reached the interval: {e:?}");
    }

    #[test]
    fn the_median_lies_in_the_interval_and_the_rounds_interval_does_too() {
        let mut random = Random::new(7);
        for trial in 0..20_000 {
            // Few values, so many ties; or as good as none; some of them below zero.
            let values = [2, 5, 1 << 40][trial % 3];
            let below = if trial % 2 == 0 { 0.0 } else { 1.0 };
            let sittings: Vec<Vec<f64>> = (0..1 + random.below(8))
                .map(|_| {
                    let rounds = 0..1 + random.below(9);
                    rounds.map(|_| random.below(values) as f64 / 3.0 - below).collect()
                })
                .collect();
            let e = over_sittings(&sittings).unwrap();
            assert!(e.low <= e.median && e.median <= e.high, "{e:?} of {sittings:?}");
            let rounds = estimate(&sittings.concat()).unwrap();
            assert!(e.low <= rounds.low && rounds.high <= e.high, "{e:?} of {sittings:?}");
            assert!(below > 0.0 || e.low >= 0.0, "{e:?} of {sittings:?}");
        }
    }

    #[test]
    fn sittings_that_differ_widen_the_interval_and_more_rounds_in_each_do_not_narrow_it() {
        let sitting = |center: f64, rounds: i32| -> Vec<f64> {
            (0..rounds).map(|i| center + 0.001 * f64::from(i % 3 - 1)).collect()
        };
        let of = |rounds| over_sittings(&[1.0, 1.1, 1.2].map(|c| sitting(c, rounds))).unwrap();
        assert!(of(9).relative_error() > 0.1, "{:?}", of(9));
        assert_eq!(of(9).relative_error(), of(900).relative_error());
        let alone = estimate(&sitting(1.1, 9)).unwrap();
        assert!(alone.relative_error() < 0.001, "{alone:?}");
    }

    #[test]
    fn sittings_that_agree_have_the_interval_of_their_rounds() {
        let counts = [3.0, 3.0, 3.0, 4.0, 3.0];
        let e = over_sittings(&[counts.to_vec(), counts.to_vec()]).unwrap();
        assert_eq!(ends(e), ends(estimate(&[counts, counts].concat()).unwrap()));
        let alike = over_sittings(&[vec![0.1; 9], vec![0.1; 9], vec![0.1; 9]]).unwrap();
        assert_eq!(ends(alike), (0.1, 0.1, 0.1));
    }

    #[test]
    fn factors_and_units_change_the_interval_by_as_much() {
        let times = vec![vec![1.0, 1.5, 2.0], vec![1.25, 1.75, 2.25], vec![1.0, 1.0, 4.0]];
        let slower = times.iter().map(|list| list.iter().map(|t| t * 4.0).collect());
        let (e, by_four) = (
            over_sittings(&times).unwrap(),
            over_sittings(&slower.collect::<Vec<_>>()).unwrap(),
        );
        assert_eq!(ends(by_four), (e.low * 4.0, e.median * 4.0, e.high * 4.0));
    }

    #[test]
    fn an_infinite_ratio_makes_no_nonsense_of_the_interval() {
        let e = paired_ratio(&[2.0, 2.0, 2.0], &[1.0, 1.0, 0.0]).unwrap();
        assert_eq!(ends(e), (2.0, 2.0, f64::INFINITY));
    }

    #[test]
    fn the_place_where_an_interval_begins_is_found_for_any_number_of_samples() {
        // Far more than a power of two can hold; the normal distribution is near there.
        for n in [1_000.0_f64, 10_000.0, 1_000_000.0] {
            let near = n / 2.0 - 1.959_964 * n.sqrt() / 2.0 - 0.5;
            let found = place(n as usize);
            assert!((found - near).abs() < 0.03, "{found}, not {near}");
        }
    }

    /// intervals.py asked SciPy.
    #[test]
    fn scipy_finds_the_same_intervals() {
        let cases = Value::read(include_str!("stats/intervals.json")).unwrap();
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs().max(1e-9);
        for case in cases.list().unwrap() {
            let numbers = |value: &Value| -> Vec<f64> {
                value.list().unwrap().iter().map(|value| value.number().unwrap()).collect()
            };
            let sittings: Vec<Vec<f64>> =
                case.get("sittings").unwrap().list().unwrap().iter().map(numbers).collect();
            let [low, median, high] =
                ["low", "median", "high"].map(|name| case.get(name).unwrap().number().unwrap());
            let e = over_sittings(&sittings).unwrap();
            let same = close(e.low, low) && close(e.median, median) && close(e.high, high);
            assert!(same, "{e:?}, SciPy {low} {median} {high}, of {sittings:?}");
        }
        assert!(cases.list().unwrap().len() > 50);
    }

    #[test]
    fn an_interval_has_these_bits_on_every_platform() {
        let sittings = [vec![1.0, 1.1, 1.3], vec![1.2, 1.25, 1.1], vec![1.05, 1.4, 1.15]];
        let e = over_sittings(&sittings).unwrap();
        let bits = [e.low, e.median, e.high].map(f64::to_bits);
        let known = [0x3ff0_812b_7f25_1cab, 0x3ff2_6666_6666_6666, 0x3ff4_9e1f_e923_7b98];
        assert_eq!(bits, known, "{bits:#x?}");
    }

    #[test]
    fn pairing_cancels_what_slows_a_whole_round_down() {
        let drift = [1.0, 3.0, 2.0, 9.0];
        let slow: Vec<f64> = drift.iter().map(|d| 2.0 * d).collect();
        let ratio = paired_ratio(&slow, &drift).unwrap();
        assert_eq!((ratio.median, ratio.low, ratio.high), (2.0, 2.0, 2.0));
    }
}
