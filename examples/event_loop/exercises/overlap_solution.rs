//! Exercise 1, solved. A future does nothing until somebody polls it, and
//! `await` polls one. Spawned, each is a task of its own, which the loop polls;
//! awaited in order, they only hand over their answers in order.

use std::future::Future;

use event_loop::Handle;

/// Runs every job, all of them at once, and returns their answers in the order
/// of the jobs.
pub async fn all_at_once<T: 'static>(
    handle: &Handle,
    jobs: Vec<impl Future<Output = T> + 'static>,
) -> Vec<T> {
    let tasks: Vec<_> = jobs.into_iter().map(|job| handle.spawn(job)).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await);
    }
    answers
}
