//! Known answers: what was planted in the experiment `calibration`, and what the lab must say
//! of it. The truth is arithmetic, so what is found against it is a fault of the method, or
//! its limit.

use crate::ask::condition::{Condition, Verdict};
use crate::store::record::Record;

/// The experiment in which it was planted.
pub const EXPERIMENT: &str = "calibration";

/// What is so by construction.
pub struct Planted {
    /// What was planted, in words.
    pub what: &'static str,
    /// What follows from it, as a condition on the record.
    pub truth: &'static str,
    /// Fewest hardware threads on which it follows.
    pub needs_cores: u32,
}

const fn planted(what: &'static str, truth: &'static str) -> Planted {
    Planted { what, truth, needs_cores: 1 }
}

/// In Rust, and the same in Python.
pub const ALL: [Planted; 14] = [
    planted("nothing at all takes next to nothing", "empty.wall < 10 us"),
    planted(
        "a sleep of 5 ms is no shorter, and little longer",
        "sleep.wall >= 5 ms and sleep.wall < 6 ms",
    ),
    planted("a sleep uses no core", "sleep.utilization < 5 %"),
    planted(
        "a chain of steps uses one core",
        "spin.utilization > 98 % and spin.utilization < 102 %",
    ),
    planted(
        "twice the steps take twice as long",
        "double.wall / spin.wall > 1.98 and double.wall / spin.wall < 2.02",
    ),
    planted(
        "one percent more steps are one percent more",
        "one_percent.wall / spin.wall > 1.005 and one_percent.wall / spin.wall < 1.015",
    ),
    planted(
        "the same steps differ by nothing",
        "again.wall / spin.wall > 0.995 and again.wall / spin.wall < 1.005",
    ),
    planted(
        "two that slow down alike differ by nothing",
        "drift_too.wall / drift.wall > 0.99 and drift_too.wall / drift.wall < 1.01",
    ),
    Planted {
        what: "two pinned processes take as long as one",
        truth: "two.wall / one.wall < 1.1",
        needs_cores: 2,
    },
    planted("nothing at all, in Python", "python/empty.wall < 20 us"),
    planted(
        "a sleep of 5 ms, in Python",
        "python/sleep.wall >= 5 ms and python/sleep.wall < 6 ms",
    ),
    planted(
        "twice the steps, in Python",
        "python/double.wall / python/spin.wall > 1.98 and python/double.wall / python/spin.wall < 2.02",
    ),
    planted(
        "one percent more steps, in Python",
        "python/one_percent.wall / python/spin.wall > 1.005 and python/one_percent.wall / python/spin.wall < 1.015",
    ),
    planted(
        "the same steps, in Python",
        "python/again.wall / python/spin.wall > 0.995 and python/again.wall / python/spin.wall < 1.005",
    ),
];

impl Planted {
    /// What the lab says of it, and what it measured. Untried where the record cannot tell.
    pub fn found(&self, record: &Record) -> (Verdict, String) {
        if record.machine.hardware_threads < self.needs_cores {
            return (Verdict::Untried, format!("needs {} cores", self.needs_cores));
        }
        let judged = Condition::parse(self.truth).and_then(|condition| condition.judge(record));
        judged.unwrap_or_else(|e| (Verdict::Untried, e.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_truth_is_a_condition() {
        for planted in &ALL {
            Condition::parse(planted.truth).unwrap_or_else(|e| panic!("{}: {e}", planted.what));
        }
    }
}
