//! Medians, and how sure we are of them.
//!
//! The interval is the percentile bootstrap of Efron (1979): draw as many samples as there
//! are, with replacement, two thousand times; take the median of each draw; the middle 95 %
//! of these medians is the interval. It assumes nothing about the shape of the noise, which
//! on a shared machine is one-sided and has a long tail.

/// A median with its 95 % bootstrap interval. Same unit as the samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The middle sample (or the mean of the two middle ones).
    pub median: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
    /// How many samples it rests on.
    pub n: usize,
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

const DRAWS: usize = 2_000;

/// The median of `samples` with its interval; `None` when there are no samples.
///
/// The same samples always give the same interval: the resampling is seeded.
pub fn estimate(samples: &[f64]) -> Option<Estimate> {
    if samples.is_empty() {
        return None;
    }
    let mut random = Random(0x5eed_0f7a_4b1d_c0de);
    let mut draw = vec![0.0; samples.len()];
    let mut medians: Vec<f64> = (0..DRAWS)
        .map(|_| {
            draw.fill_with(|| samples[random.below(samples.len())]);
            median(&mut draw)
        })
        .collect();
    medians.sort_by(f64::total_cmp);
    Some(Estimate {
        median: median(&mut samples.to_vec()),
        low: quantile(&medians, 0.025),
        high: quantile(&medians, 0.975),
        n: samples.len(),
    })
}

/// The ratio `above[i] / below[i]`, round by round, with its interval.
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
    let place = q * (sorted.len() - 1) as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64)
}

/// SplitMix64 (Steele, Lea and Flood 2014): small, and good enough to resample with.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_samples_give_no_estimate() {
        assert_eq!(estimate(&[]), None);
        assert_eq!(paired_ratio(&[1.0], &[]), None);
    }

    #[test]
    fn one_sample_is_its_own_interval() {
        let one = estimate(&[7.0]).unwrap();
        assert_eq!((one.median, one.low, one.high), (7.0, 7.0, 7.0));
    }

    #[test]
    fn the_interval_holds_the_median_and_ignores_a_lone_outlier() {
        let mut samples: Vec<f64> = (0..21).map(|i| 100.0 + f64::from(i % 5)).collect();
        samples[3] = 10_000.0;
        let e = estimate(&samples).unwrap();
        assert!(e.low <= e.median && e.median <= e.high);
        assert!(e.high < 110.0, "an outlier reached the interval: {e:?}");
    }

    #[test]
    fn the_same_samples_give_the_same_interval() {
        let samples = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        assert_eq!(estimate(&samples), estimate(&samples));
    }

    #[test]
    fn the_interval_covers_the_true_median_about_as_often_as_it_says() {
        let mut random = Random(1);
        let trials = 400;
        let covered = (0..trials)
            .filter(|_| {
                let samples: Vec<f64> =
                    (0..25).map(|_| random.below(1_000_001) as f64 / 1e6).collect();
                let e = estimate(&samples).unwrap();
                (e.low..=e.high).contains(&0.5)
            })
            .count();
        let share = covered as f64 / f64::from(trials);
        assert!((0.90..=0.99).contains(&share), "covered {share}");
    }

    #[test]
    fn pairing_cancels_what_slows_a_whole_round_down() {
        let drift = [1.0, 3.0, 2.0, 9.0];
        let slow: Vec<f64> = drift.iter().map(|d| 2.0 * d).collect();
        let ratio = paired_ratio(&slow, &drift).unwrap();
        assert_eq!((ratio.median, ratio.low, ratio.high), (2.0, 2.0, 2.0));
    }
}
