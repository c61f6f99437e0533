//! Exercise 3: how fast can a job become? Not cores times as fast.

use std::time::Duration;

/// The least time that a job can take which computes for `cpu` and waits for
/// each of `waits`, if all its pieces are independent.
pub fn at_best(cpu: Duration, waits: &[Duration], cores: u32) -> Duration {
    let alone = cpu + waits.iter().sum::<Duration>();
    alone / cores
}
