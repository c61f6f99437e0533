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
    /// In how many sittings they were taken.
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

const DRAWS: usize = 2_000;
const SEED: u64 = 0x5eed_0f7a_4b1d_c0de;

/// The median over several sittings.
pub fn over_sittings(sittings: &[Vec<f64>]) -> Option<Estimate> {
    Some(Estimate { sittings: sittings.len(), ..estimate(&sittings.concat())? })
}

/// The median of `samples` with its interval; `None` when there are no samples.
///
/// The same samples always give the same interval: the resampling is seeded.
pub fn estimate(samples: &[f64]) -> Option<Estimate> {
    if samples.is_empty() {
        return None;
    }
    // Sorted once: the median of a draw is found by counting how often each was drawn.
    let mut order: Vec<usize> = (0..samples.len()).collect();
    order.sort_by(|&a, &b| samples[a].total_cmp(&samples[b]));
    let sorted: Vec<f64> = order.iter().map(|&i| samples[i]).collect();
    let mut rank = vec![0; samples.len()];
    for (place, &i) in order.iter().enumerate() {
        rank[i] = place;
    }
    let mut random = Random(SEED);
    let mut drawn = vec![0; samples.len()];
    let mut medians: Vec<f64> = (0..DRAWS)
        .map(|_| {
            drawn.fill(0);
            for _ in 0..samples.len() {
                drawn[rank[random.below(samples.len())]] += 1;
            }
            middle(&sorted, &drawn)
        })
        .collect();
    medians.sort_unstable_by(f64::total_cmp);
    Some(Estimate {
        median: quantile(&sorted, 0.5),
        low: quantile(&medians, 0.025),
        high: quantile(&medians, 0.975),
        n: samples.len(),
        sittings: 1,
    })
}

/// The median of a draw in which each of the `sorted` samples came so often.
fn middle(sorted: &[f64], drawn: &[u32]) -> f64 {
    let (mut place, mut passed) = (0, drawn[0] as usize);
    let mut nth = |n: usize| {
        while passed <= n {
            place += 1;
            passed += drawn[place] as usize;
        }
        sorted[place]
    };
    let (below, above) = (nth((sorted.len() - 1) / 2), nth(sorted.len() / 2));
    // As `quantile` has it, to the last bit.
    below + (above - below) * if sorted.len().is_multiple_of(2) { 0.5 } else { 0.0 }
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

    /// The definition, taken literally.
    fn by_sorting_every_draw(samples: &[f64]) -> Estimate {
        let mut random = Random(SEED);
        let mut draw = vec![0.0; samples.len()];
        let mut medians: Vec<f64> = (0..DRAWS)
            .map(|_| {
                draw.fill_with(|| samples[random.below(samples.len())]);
                median(&mut draw)
            })
            .collect();
        let median = median(&mut samples.to_vec());
        medians.sort_by(f64::total_cmp);
        let (low, high) = (quantile(&medians, 0.025), quantile(&medians, 0.975));
        Estimate { median, low, high, n: samples.len(), sittings: 1 }
    }

    #[test]
    fn counting_gives_what_sorting_every_draw_gives_to_the_last_bit() {
        let bits = |e: Estimate| [e.median, e.low, e.high].map(f64::to_bits);
        let mut random = Random(7);
        for n in (1..40).chain([99, 100, 1001]) {
            // Few values, so many ties; or as good as none.
            for values in [1, 3, 1 << 40] {
                let samples: Vec<f64> =
                    (0..n).map(|_| random.below(values) as f64 / 3.0 - 0.5).collect();
                let fast = estimate(&samples).unwrap();
                assert_eq!(bits(fast), bits(by_sorting_every_draw(&samples)), "{n} {values}");
            }
        }
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
