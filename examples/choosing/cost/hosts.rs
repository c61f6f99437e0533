//! The same job with a second machine beside the first.

use crate::{Costs, Job, Model, estimate};

/// What a job takes where a second machine, with as many cores, does half of
/// the items. Each of these goes there and comes back as a message of its own,
/// which this machine sends and reads beside its own half, and a link of half a
/// millisecond lies between. How many may be under way is the other side's
/// limit: the two share it.
///
/// Nothing is said of what a second machine brings along: more memory, and
/// links and caches of its own. `None` where there is one item, or nobody has
/// measured a message.
pub fn on_two_hosts(job: &Job, costs: &Costs, model: Model) -> Option<f64> {
    if job.items < 2.0 {
        return None;
    }
    let here = (job.items / 2.0).ceil();
    let half =
        Job { items: here, at_once: (job.at_once / 2.0).max(1.0), ..*job };
    let bytes_ns = (job.bytes_in + job.bytes_out) * costs.host_ns_per_byte?;
    let sent_ns = 2.0 * costs.host_message_ns? + bytes_ns;
    let time_ns = estimate(&half, costs, model)?.time_ns;
    // The last one comes back when its own half is done.
    Some(time_ns + (job.items - here) * sent_ns + 2.0 * costs.host_delay_ns?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    const JOB: Job = Job {
        items: 1_000.0,
        cpu_ns: 1e7,
        wait_ns: 0.0,
        at_once: 50.0,
        bytes_in: 0.0,
        bytes_out: 0.0,
        cores: 2.0,
        memory_bytes: 0.0,
        language: Language::Rust,
    };

    /// How many times as fast.
    fn gain(job: Job) -> f64 {
        let costs = Costs::round();
        let one = estimate(&job, &costs, Model::Threads).unwrap().time_ns;
        one / on_two_hosts(&job, &costs, Model::Threads).unwrap()
    }

    #[test]
    fn a_second_machine_halves_work_and_not_waits_that_share_a_limit() {
        assert!((1.9..2.0).contains(&gain(JOB)));
        let waits = Job { cpu_ns: 0.0, wait_ns: 1e7, ..JOB };
        assert!((0.9..1.1).contains(&gain(waits)));
    }

    #[test]
    fn an_item_smaller_than_its_message_is_better_off_at_home() {
        assert!(gain(Job { cpu_ns: 1e3, at_once: 2.0, ..JOB }) < 1.0);
        assert!(gain(Job { bytes_in: 1e8, ..JOB }) < 1.0);
    }

    #[test]
    fn one_item_and_a_machine_that_was_not_asked_have_no_such_time() {
        let costs = Costs::round();
        let one = Job { items: 1.0, ..JOB };
        assert_eq!(on_two_hosts(&one, &costs, Model::Threads), None);
        let mut none = costs;
        none.host_message_ns = None;
        assert_eq!(on_two_hosts(&JOB, &none, Model::Threads), None);
    }
}
