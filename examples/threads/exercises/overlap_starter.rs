//! Exercise 1: all jobs should be in flight at once. They are not. Why?

use std::thread;

/// Runs every job in a thread of its own, all of them at once, and returns
/// their answers in the order of the jobs.
pub fn all_at_once<T: Send>(
    jobs: Vec<Box<dyn FnOnce() -> T + Send>>,
) -> Vec<T> {
    thread::scope(|scope| {
        jobs.into_iter()
            .map(|job| scope.spawn(job))
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}
