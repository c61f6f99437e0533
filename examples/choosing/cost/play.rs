//! A job is played: flows take items, items take turns on the cores, wait, and
//! take another turn.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The play, all of it in numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Play {
    pub(crate) items: f64,
    pub(crate) flows: f64,
    /// How many can compute at the same time.
    pub(crate) lanes: f64,
    /// What an item computes before its wait, and after it.
    pub(crate) half_ns: f64,
    pub(crate) wait_ns: f64,
    /// What a wait takes longer than it was told to.
    pub(crate) late_ns: f64,
    /// Waits are a whole multiple of this.
    pub(crate) grain_ns: f64,
    /// To start one more flow: one lane does nothing else at first.
    pub(crate) flow_ns: f64,
}

/// From so many flows on, one stands for several.
const MOST_FLOWS: f64 = 400.0;
/// From so many items on, more of them take as long as the last ones did.
const MOST_ITEMS: f64 = 400.0;

/// How long it takes.
pub(crate) fn play(job: &Play) -> f64 {
    let several = (job.flows / MOST_FLOWS).ceil().max(1.0);
    let mut job = Play {
        items: (job.items / several).ceil(),
        flows: (job.flows / several).ceil(),
        half_ns: job.half_ns * several,
        flow_ns: job.flow_ns * several,
        ..*job
    };
    job.flows = job.flows.min(job.items);
    let most = MOST_ITEMS.max(4.0 * job.flows);
    if job.items <= most {
        return of_all(&job);
    }
    let (first, second) = ((most / 2.0).floor(), most);
    let some = of_all(&Play { items: first, ..job });
    let more = of_all(&Play { items: second, ..job });
    more + (job.items - second) * (more - some) / (second - first)
}

/// Plays every item. Who is ready first is served first, by the lane that is
/// free first; times are whole nanoseconds.
fn of_all(job: &Play) -> f64 {
    let mut pause = job.wait_ns;
    if job.grain_ns > 0.0 && pause > 0.0 {
        pause = (pause / job.grain_ns).ceil() * job.grain_ns;
    }
    let pause = (pause + job.late_ns) as u64;
    let (half, lanes) = (job.half_ns as u64, (job.lanes as usize).max(1));
    let starts = (job.flows * job.flow_ns) as u64;
    let mut free: BinaryHeap<Reverse<u64>> = (0..lanes)
        .map(|lane| Reverse(if lane == 0 { starts } else { 0 }))
        .collect();
    let mut left = job.items as u64;
    // When a flow is ready, in the order of coming, and what it computes: the
    // first half of an item, or the second.
    let mut ready = BinaryHeap::new();
    for flow in 0..(job.flows as u64).min(left) {
        ready.push(Reverse(((flow as f64 * job.flow_ns) as u64, flow, false)));
        left -= 1;
    }
    let (mut number, mut last) = (job.flows as u64, 0);
    while let Some(Reverse((time, _, is_second))) = ready.pop() {
        let Some(Reverse(lane)) = free.pop() else { break };
        let mut end = time.max(lane) + half;
        number += 1;
        if !is_second && pause == 0 {
            end += half;
        }
        if is_second || pause == 0 {
            last = last.max(end);
            if left > 0 {
                left -= 1;
                if pause > 0 {
                    // A flow goes on with its next item.
                    end += half;
                    ready.push(Reverse((end + pause, number, true)));
                } else {
                    ready.push(Reverse((end, number, false)));
                }
            }
        } else {
            ready.push(Reverse((end + pause, number, true)));
        }
        free.push(Reverse(end));
    }
    last as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: Play = Play {
        items: 12.0,
        flows: 4.0,
        lanes: 1.0,
        half_ns: 50.0,
        wait_ns: 0.0,
        late_ns: 0.0,
        grain_ns: 0.0,
        flow_ns: 0.0,
    };

    #[test]
    fn what_computes_takes_as_long_as_there_are_lanes_for_it() {
        assert_eq!(play(&JOB), 1_200.0);
        assert_eq!(play(&Play { lanes: 3.0, ..JOB }), 400.0);
        assert_eq!(play(&Play { lanes: 8.0, ..JOB }), 300.0, "4 at once");
    }

    #[test]
    fn what_waits_takes_as_many_turns_as_are_not_under_way_at_once() {
        let waits = Play { wait_ns: 10_000.0, ..JOB };
        let time = play(&waits);
        assert!((30_300.0..30_700.0).contains(&time), "{time}");
        let late = play(&Play { late_ns: 500.0, ..waits });
        assert_eq!(late, time + 3.0 * 500.0);
        let grains = play(&Play { grain_ns: 7_000.0, ..waits });
        assert_eq!(grains, time + 3.0 * 4_000.0);
    }

    #[test]
    fn where_enough_wait_the_lanes_are_busy_all_the_time() {
        let many = Play { items: 400.0, flows: 100.0, wait_ns: 1_000.0, ..JOB };
        assert_eq!(play(&many), 40_000.0);
    }

    #[test]
    fn a_long_job_is_as_its_part_and_so_on() {
        for wait_ns in [0.0, 10_000.0] {
            let job = Play { items: 4_000.0, wait_ns, ..JOB };
            let (short, long) = (play(&job), of_all(&job));
            assert!((short / long - 1.0).abs() < 0.01, "{short} {long}");
        }
        let crowd = Play { items: 9e4, flows: 1e4, wait_ns: 1e6, ..JOB };
        let (short, long) = (play(&crowd), of_all(&crowd));
        assert!((short / long - 1.0).abs() < 0.05, "{short} {long}");
    }
}
