//! What a recorded timeline says in numbers.

use lab::timeline::{Lane, Span, State};

/// Lengths of the slices of all lanes, in nanoseconds: how long a lane kept a core before it
/// lost it. Each lane's first and last slice are left out, since the recording cut them.
pub fn slices(lanes: &[Lane]) -> Vec<u64> {
    let mut slices = Vec::new();
    for lane in lanes {
        let whole = stretches(&lane.spans);
        if whole.len() > 2 {
            let whole = &whole[1..whole.len() - 1];
            slices.extend(whole.iter().map(|(from, to)| to.saturating_sub(*from)));
        }
    }
    slices
}

/// Whether the lane had a core.
pub fn is_on_core(span: &Span) -> bool {
    matches!(span.state, State::Running | State::Holding)
}

/// Stretches on a core; spans that touch are one.
fn stretches(spans: &[Span]) -> Vec<(u64, u64)> {
    let mut joined: Vec<(u64, u64)> = Vec::new();
    for span in spans.iter().filter(|span| is_on_core(span)) {
        match joined.last_mut() {
            Some((_, to)) if *to == span.from_ns => *to = span.to_ns,
            _ => joined.push((span.from_ns, span.to_ns)),
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
    let process = |lane: &Lane| lane.name.split(' ').next().unwrap_or_default().to_owned();
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
    lanes.iter().filter_map(|lane| Some(lane.spans.last()?.to_ns)).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(spans: &[(u64, u64)]) -> Lane {
        let span = |&(from_ns, to_ns): &(u64, u64)| Span {
            state: State::Running,
            from_ns,
            to_ns,
            core: Some(0),
        };
        Lane { name: "T".into(), spans: spans.iter().map(span).collect(), ..Lane::default() }
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
