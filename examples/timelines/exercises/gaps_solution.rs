//! Exercise 2, solved. A gap is a switch where the kernel says so. Without a
//! gap the lane does not ask: whoever was back that soon has lost no time.

/// What a lane has read.
#[derive(Clone, Copy)]
pub struct Reading {
    /// The clock.
    pub at_ns: u64,
    /// How often the kernel has switched this thread so far.
    pub switches: u64,
}

/// From when to when the lane had a core. A gap is longer than the threshold.
pub fn slices(readings: &[Reading], threshold_ns: u64) -> Vec<(u64, u64)> {
    let Some(first) = readings.first() else { return Vec::new() };
    let (mut slices, mut from) = (Vec::new(), first.at_ns);
    for pair in readings.windows(2) {
        let [before, after] = [pair[0], pair[1]];
        let is_gap = after.at_ns - before.at_ns > threshold_ns;
        if is_gap && after.switches > before.switches {
            slices.push((from, before.at_ns));
            from = after.at_ns;
        }
    }
    slices.push((from, readings[readings.len() - 1].at_ns));
    slices
}
