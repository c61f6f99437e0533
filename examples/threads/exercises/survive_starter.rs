//! Exercise 2: one job panics. The answers of all the others should survive it.

use std::thread;

/// Runs every job in a thread of its own. The answer of a job that panicked is
/// the message it panicked with.
pub fn run_all<T: Send>(
    jobs: Vec<Box<dyn FnOnce() -> T + Send>>,
) -> Vec<Result<T, String>> {
    thread::scope(|scope| {
        let threads: Vec<_> =
            jobs.into_iter().map(|job| scope.spawn(job)).collect();
        threads.into_iter().map(|thread| Ok(thread.join().unwrap())).collect()
    })
}
