//! What a recorded timeline says in numbers.

use crate::store::record::{Lane, Span};

/// Lengths of the slices of all lanes, in nanoseconds: how long a lane kept a core before it
/// lost it. Each lane's first and last slice are left out, since the recording cut them.
pub fn slices(lanes: &[Lane]) -> Vec<u64> {
    let mut slices = Vec::new();
    for lane in lanes {
        let whole = stretches(&lane.spans);
        if whole.len() > 2 {
            slices.extend(whole[1..whole.len() - 1].iter().map(|(from, to)| to - from));
        }
    }
    slices
}

/// Stretches on a core; spans that touch are one.
fn stretches(spans: &[Span]) -> Vec<(u64, u64)> {
    let mut joined: Vec<(u64, u64)> = Vec::new();
    for span in spans.iter().filter(|span| span.is_on_core()) {
        match joined.last_mut() {
            Some((_, to)) if *to == span.0 => *to = span.1,
            _ => joined.push((span.0, span.1)),
        }
    }
    joined
}

/// Of the time in which at least one lane was on a core, the share in which two or more were.
pub fn overlap(lanes: &[Lane]) -> f64 {
    let mut turns: Vec<(u64, i32)> = Vec::new();
    for (from, to) in lanes.iter().flat_map(|lane| stretches(&lane.spans)) {
        turns.extend([(from, 1), (to, -1)]);
    }
    turns.sort_unstable();
    let (mut on, mut any, mut several, mut since) = (0, 0, 0, 0);
    for (at, change) in turns {
        any += if on >= 1 { at - since } else { 0 };
        several += if on >= 2 { at - since } else { 0 };
        on += change;
        since = at;
    }
    if any == 0 { 0.0 } else { several as f64 / any as f64 }
}

/// The greatest overlap among lanes of one process: those whose names begin with the same
/// word, as `P0 T0` and `P0 T1`.
pub fn overlap_inside(lanes: &[Lane]) -> f64 {
    let process = |lane: &Lane| lane.lane.split(' ').next().unwrap_or_default().to_owned();
    let mut names: Vec<String> = lanes.iter().map(process).collect();
    names.dedup();
    names
        .iter()
        .map(|name| {
            let of_one: Vec<Lane> =
                lanes.iter().filter(|lane| process(lane) == *name).cloned().collect();
            overlap(&of_one)
        })
        .fold(0.0, f64::max)
}

/// When the last lane ended, in nanoseconds.
pub fn end(lanes: &[Lane]) -> u64 {
    lanes.iter().filter_map(|lane| Some(lane.spans.last()?.1)).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::State;

    fn lane(spans: &[(u64, u64)]) -> Lane {
        Lane {
            lane: "T".into(),
            involuntary: None,
            false_gaps: 0,
            spans: spans.iter().map(|&(a, b)| Span(a, b, 0, State::Running)).collect(),
        }
    }

    #[test]
    fn slices_leave_out_what_the_recording_cut() {
        let lanes = [lane(&[(0, 5), (10, 14), (14, 15), (20, 30)]), lane(&[(0, 3), (5, 9)])];
        assert_eq!(slices(&lanes), [5], "(10, 14) and (14, 15) touch");
    }

    #[test]
    fn overlap_is_the_share_with_two_lanes_on_a_core() {
        assert_eq!(overlap(&[lane(&[(0, 10)]), lane(&[(5, 20)])]), 0.25);
        assert_eq!(overlap(&[lane(&[(0, 10)]), lane(&[(10, 20)])]), 0.0);
        assert_eq!(overlap(&[]), 0.0);
    }
}
