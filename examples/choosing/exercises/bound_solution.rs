//! A job in threads, by a formula: the most of three bounds, after the first
//! thread's start.

use cost::Job;

/// How long a job takes at least, if a thread takes so long to start.
pub fn time_ns(job: &Job, start_ns: f64) -> f64 {
    let flows = job.at_once.min(job.items);
    let computing = (job.items * job.cpu_ns + flows * start_ns) / job.cores;
    let one = job.cpu_ns + job.wait_ns;
    // As many turns as do not fit into what may be under way.
    let turns = (job.items / flows).ceil() * one + start_ns;
    // The last thread starts after all the others, and has an item to do.
    let last = flows * start_ns + one;
    computing.max(turns).max(last)
}
