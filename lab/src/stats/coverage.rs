//! How often an interval holds the truth, by simulation.
//!
//! A [`World`] is a machine whose truth is known. [`coverage`] lets it be measured many
//! times, each time anew, and counts how often a method's interval holds that truth. All is
//! seeded: the same question has the same answer, to the last bit.
//!
//! The truth of a world is the median of its sittings' own medians, so it speaks of sittings
//! to come. Of a single sitting only its own median can be asked.

use super::portable::{exp, ln};
use super::{Estimate, median, over_sittings, quantile};
use crate::random::Random;

/// What a method makes of sittings.
pub type Method = fn(&[Vec<f64>]) -> Option<Estimate>;

/// What came of many simulated measurements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coverage {
    /// In which share of the trials the interval held the truth.
    pub share: f64,
    /// The interval's mean width, as a share of the truth.
    pub width: f64,
}

/// Measures `world` in as many `trials`, and asks `method` for an interval in each.
pub fn coverage(
    world: &World,
    sittings: usize,
    rounds: usize,
    trials: usize,
    method: Method,
) -> Coverage {
    let mut random = Random::new(0x5eed_0f7a_4b1d_c0de);
    let (mut held, mut width) = (0, 0.0);
    for _ in 0..trials {
        let mut truth = world.truth;
        let measured: Vec<Vec<f64>> = (0..sittings)
            .map(|sitting| {
                // From -½ for the first to ½ for the last.
                let age = (sitting as f64 + 0.5) / sittings as f64 - 0.5;
                let center = (world.sitting)(&mut random, age);
                if sittings == 1 {
                    truth = center * world.middle;
                }
                let round = |round| (round as f64 + 0.5) / rounds as f64 - 0.5;
                (0..rounds).map(|i| center * (world.round)(&mut random, round(i))).collect()
            })
            .collect();
        let e = method(&measured).expect("there are samples");
        held += usize::from((e.low..=e.high).contains(&truth));
        width += (e.high - e.low) / truth;
    }
    Coverage { share: held as f64 / trials as f64, width: width / trials as f64 }
}

/// A machine whose truth is known.
pub struct World {
    /// What is special about it.
    pub name: &'static str,
    /// The median of its sittings' own medians.
    pub truth: f64,
    /// The median of its rounds, in a sitting whose center is 1.
    middle: f64,
    /// A sitting's center, by how late it is, from -½ to ½.
    sitting: fn(&mut Random, f64) -> f64,
    /// A round of a sitting whose center is 1, by how late in it, from -½ to ½.
    round: fn(&mut Random, f64) -> f64,
}

/// How much slower the slow mode is where there are two.
const SLOW: f64 = 1.3;

/// Worlds in which the interval holds the truth about as often as it says.
pub static WORLDS: [World; 10] = [
    World {
        name: "no sitting differs; rounds ±5 %",
        truth: 1.0,
        middle: 1.0,
        sitting: |_, _| 1.0,
        round: |random, _| random.skewed(0.05),
    },
    World {
        name: "no sitting differs; rounds with a long tail",
        truth: 1.0 + 0.02 * 0.587_401_051_968_199_4,
        middle: 1.0 + 0.02 * 0.587_401_051_968_199_4,
        sitting: |_, _| 1.0,
        round: |random, _| 1.0 + 0.02 * random.tail(),
    },
    World {
        name: "no sitting differs; every fifth round is slow",
        truth: FOUR_OF_FIVE,
        middle: FOUR_OF_FIVE,
        sitting: |_, _| 1.0,
        round: |random, _| random.skewed(0.01) * if random.unit() < 0.2 { SLOW } else { 1.0 },
    },
    World {
        name: "sittings ±1 %, rounds ±5 %",
        truth: 1.0,
        middle: 1.0,
        sitting: |random, _| random.skewed(0.01),
        round: |random, _| random.skewed(0.05),
    },
    World {
        name: "sittings ±3 %, rounds ±3 %",
        truth: 1.0,
        middle: 1.0,
        sitting: |random, _| random.skewed(0.03),
        round: |random, _| random.skewed(0.03),
    },
    World {
        name: "sittings ±10 %, rounds ±1 %",
        truth: 1.0,
        middle: 1.0,
        sitting: |random, _| random.skewed(0.10),
        round: |random, _| random.skewed(0.01),
    },
    World {
        name: "sittings slowed by 5 %, some by much more",
        truth: 1.0 + 0.05 * std::f64::consts::LN_2,
        middle: 1.0,
        sitting: |random, _| 1.0 - 0.05 * ln(1.0 - random.unit()),
        round: |random, _| random.skewed(0.02),
    },
    World {
        name: "every fifth sitting is slow",
        truth: FOUR_OF_FIVE,
        middle: 1.0,
        sitting: |random, _| random.skewed(0.01) * if random.unit() < 0.2 { SLOW } else { 1.0 },
        round: |random, _| random.skewed(0.02),
    },
    World {
        name: "a sitting drifts by 5 %, and sittings ±3 %",
        truth: 1.0,
        middle: 1.0,
        sitting: |random, _| random.skewed(0.03),
        round: |random, late| exp(0.05 * late) * random.skewed(0.02),
    },
    World {
        name: "the machine drifts by 10 % from the first to the last sitting",
        truth: 1.0,
        middle: 1.0,
        sitting: |random, late| exp(0.10 * late) * random.skewed(0.02),
        round: |random, _| random.skewed(0.02),
    },
];

/// Worlds in which no method can do so with three sittings, or with three rounds of one: half
/// are fast and half slow, and the median lies between. In one case of four all three are of
/// one kind, and nothing tells of the other.
pub static COINS: [World; 2] = [
    World {
        name: "every other round is slow",
        truth: HALFWAY,
        middle: HALFWAY,
        sitting: |_, _| 1.0,
        round: |random, _| random.skewed(0.01) * if random.unit() < 0.5 { SLOW } else { 1.0 },
    },
    World {
        name: "every other sitting is slow",
        truth: HALFWAY,
        middle: 1.0,
        sitting: |random, _| random.skewed(0.01) * if random.unit() < 0.5 { SLOW } else { 1.0 },
        round: |random, _| random.skewed(0.02),
    },
];

/// The median of where one in five is slow: of the rest, ±1 %, five in eight are faster, which
/// is 0.3186 standard deviations above their middle.
const FOUR_OF_FIVE: f64 = 1.003_191_5;
/// Halfway between the modes, by ratio: √1.3.
const HALFWAY: f64 = 1.140_175_425_099_138;

/// The interval that this book had before: all rounds in one heap, and the percentile
/// bootstrap over them.
pub fn one_heap(sittings: &[Vec<f64>]) -> Option<Estimate> {
    two_levels(&[sittings.concat()])
}

/// The percentile bootstrap on two levels: draw sittings, of each draw rounds, take the median
/// of the medians. At three sittings, one draw in nine has the same sitting three times.
pub fn two_levels(sittings: &[Vec<f64>]) -> Option<Estimate> {
    const DRAWS: usize = 1_000;
    let known = over_sittings(sittings)?;
    let mut random = Random::new(7);
    let mut medians: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let mut drawn: Vec<f64> = (0..sittings.len())
                .map(|_| {
                    let rounds = &sittings[random.below(sittings.len())];
                    let mut drawn: Vec<f64> =
                        rounds.iter().map(|_| rounds[random.below(rounds.len())]).collect();
                    median(&mut drawn)
                })
                .collect();
            median(&mut drawn)
        })
        .collect();
    medians.sort_unstable_by(f64::total_cmp);
    let (low, high) = (quantile(&medians, 0.025), quantile(&medians, 0.975));
    Some(Estimate { low, high, ..known })
}

impl Random {
    /// From 0 to 1, without 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Around 0, by the normal distribution (the polar method of Marsaglia and Bray 1964).
    fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if 0.0 < square && square < 1.0 {
                return x * (-2.0 * ln(square) / square).sqrt();
            }
        }
    }

    /// Around 1, lognormal: as far up by factors as down.
    fn skewed(&mut self, by: f64) -> f64 {
        exp(by * self.normal())
    }

    /// Above 0, and now and then far above (Pareto's, with infinite variance). Its median is
    /// 2^⅔ - 1.
    fn tail(&mut self) -> f64 {
        exp(-2.0 / 3.0 * ln(1.0 - self.unit())) - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIALS: usize = 4_000;
    const ENOUGH: f64 = 0.93;

    /// Where in `worlds` the interval holds the truth too rarely.
    fn too_rare(worlds: &[World], sittings: &[usize], rounds: &[usize]) -> Vec<String> {
        let mut found = Vec::new();
        for world in worlds {
            for &k in sittings {
                for &n in rounds {
                    let Coverage { share, .. } = coverage(world, k, n, TRIALS, over_sittings);
                    if share < ENOUGH {
                        found.push(format!("{}: {share:.3} of {k} × {n}", world.name));
                    }
                }
            }
        }
        found
    }

    #[test]
    fn the_interval_of_several_sittings_holds_the_truth_of_sittings_to_come() {
        assert_eq!(too_rare(&WORLDS, &[3, 5], &[3, 11, 15, 25]), [""; 0]);
        assert_eq!(too_rare(&WORLDS, &[2, 6], &[15]), [""; 0]);
    }

    #[test]
    fn the_interval_of_one_sitting_holds_that_sittings_own_median() {
        assert_eq!(too_rare(&WORLDS, &[1], &[3, 4, 5, 6, 11, 25]), [""; 0]);
    }

    #[test]
    fn three_cannot_tell_of_two_modes_of_equal_weight_and_six_can() {
        let [rounds, sittings] = &COINS;
        let of = |world, k, n| coverage(world, k, n, TRIALS, over_sittings).share;
        for three in [of(rounds, 1, 3), of(sittings, 3, 15)] {
            assert!((0.70..0.80).contains(&three), "{three}");
        }
        for six in [of(rounds, 1, 6), of(rounds, 3, 15), of(sittings, 6, 15)] {
            assert!(six >= ENOUGH, "{six}");
        }
    }

    #[test]
    fn the_bootstrap_covers_too_little_of_three_sittings() {
        let world = WORLDS.iter().find(|world| world.name.starts_with("sittings ±3 %"));
        let of = |method| coverage(world.unwrap(), 3, 15, 300, method).share;
        let (heap, levels) = (of(one_heap), of(two_levels));
        assert!(heap < 0.75 && levels < 0.90, "{heap} {levels}");
    }

    /// `cargo test -p lab coverage -- --ignored --nocapture`
    #[test]
    #[ignore = "prints a table, which takes a minute"]
    fn table() {
        println!("share of intervals that hold the truth, and their mean width in %");
        println!("sittings × rounds: over sittings | two-level bootstrap | one heap");
        for world in WORLDS.iter().chain(&COINS) {
            println!("{}", world.name);
            for (k, n) in
                [(1, 3), (1, 5), (1, 11), (1, 25), (3, 3), (3, 11), (3, 15), (3, 25), (5, 15)]
            {
                print!("  {k} × {n:2}:");
                let methods: [(Method, usize); 3] =
                    [(over_sittings, TRIALS), (two_levels, 500), (one_heap, 500)];
                for (method, trials) in methods {
                    let Coverage { share, width } = coverage(world, k, n, trials, method);
                    print!("  {:5.1} ±{:6.2}", share * 100.0, width * 50.0);
                }
                println!();
            }
        }
    }
}
