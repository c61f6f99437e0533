//! A job in threads, by a formula: half of it is here. Cores compute all that
//! there is to compute, and no item is done before its wait is over.

use cost::Job;

/// How long a job takes at least, if a thread takes so long to start.
pub fn time_ns(job: &Job, _start_ns: f64) -> f64 {
    let computing = job.items * job.cpu_ns / job.cores;
    let one = job.cpu_ns + job.wait_ns;
    computing.max(one)
}
