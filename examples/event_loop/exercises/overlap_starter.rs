//! Exercise 1: all jobs should be in flight at once, on one thread. They are
//! not. Why?

use std::future::Future;

use event_loop::Handle;

/// Runs every job, all of them at once, and returns their answers in the order
/// of the jobs.
pub async fn all_at_once<T: 'static>(
    _handle: &Handle,
    jobs: Vec<impl Future<Output = T> + 'static>,
) -> Vec<T> {
    let mut answers = Vec::new();
    for job in jobs {
        answers.push(job.await);
    }
    answers
}
