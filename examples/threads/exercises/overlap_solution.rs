//! Exercise 1, solved. An iterator does nothing until it is asked for its next
//! item, and then it does everything for that one: start, join, start, join.
//! Collecting the threads first starts them all.

use std::thread;

/// Runs every job in a thread of its own, all of them at once, and returns
/// their answers in the order of the jobs.
pub fn all_at_once<T: Send>(
    jobs: Vec<Box<dyn FnOnce() -> T + Send>>,
) -> Vec<T> {
    thread::scope(|scope| {
        let threads: Vec<_> =
            jobs.into_iter().map(|job| scope.spawn(job)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
