//! Exercise 1, solved. What counts is each slice, and not the time in which a
//! lane was there: a gap is time without a core.

/// From when to when a lane had a core, in nanoseconds.
pub type Slice = (u64, u64);

/// Of the time in which a lane had a core, the share in which two or more had.
/// Slices of a lane come in order and do not touch.
pub fn overlap(lanes: &[Vec<Slice>]) -> f64 {
    let mut changes: Vec<(u64, i32)> = Vec::new();
    for (from, to) in lanes.iter().flatten() {
        changes.extend([(*from, 1), (*to, -1)]);
    }
    shared(changes)
}

/// The same share, by the moments at which one more had a core, or one less.
fn shared(mut changes: Vec<(u64, i32)>) -> f64 {
    changes.sort_unstable();
    let (mut any, mut several) = (0, 0);
    let (mut running, mut last) = (0, 0);
    for (at, change) in changes {
        any += if running > 0 { at - last } else { 0 };
        several += if running > 1 { at - last } else { 0 };
        (running, last) = (running + change, at);
    }
    several as f64 / any as f64
}
