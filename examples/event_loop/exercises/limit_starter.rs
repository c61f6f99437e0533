//! Exercise 2: the server can take only so many requests at once. This starts
//! all of them.

use std::future::Future;

use event_loop::Handle;

/// Runs every job, `limit` of them at once, and returns their answers in the
/// order of the jobs.
pub async fn some_at_once<T: 'static>(
    handle: &Handle,
    jobs: Vec<impl Future<Output = T> + 'static>,
    _limit: usize,
) -> Vec<T> {
    let tasks: Vec<_> = jobs.into_iter().map(|job| handle.spawn(job)).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await);
    }
    answers
}
