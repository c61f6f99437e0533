//! How often a control group was stopped between two readings of `cpu.stat`, of
//! either version of control groups.

use std::time::Duration;

/// The share of the periods that were throttled between two readings, and how
/// long such a stop took on average, summed over the cores. `None` where no
/// period has passed.
pub fn throttled(before: &str, after: &str) -> Option<(f64, Duration)> {
    let grown = |name: &str| -> Option<u64> {
        let field = |text: &str| -> Option<u64> {
            let line = text.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        field(after)?.checked_sub(field(before)?)
    };
    let periods = grown("nr_periods").filter(|&periods| periods > 0)?;
    let stops = grown("nr_throttled")?;
    let stopped_ns = grown("throttled_usec") // version 2
        .map(|us| us * 1_000)
        .or_else(|| grown("throttled_time"))?; // version 1
    let mean = stopped_ns.checked_div(stops).unwrap_or(0);
    Some((stops as f64 / periods as f64, Duration::from_nanos(mean)))
}
