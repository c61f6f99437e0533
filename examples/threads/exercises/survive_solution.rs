//! Exercise 2, solved. `join` hands over what the thread panicked with; a
//! message is a `&str` or a `String`, and could be anything.

use std::any::Any;
use std::thread;

/// Runs every job in a thread of its own. The answer of a job that panicked is
/// the message it panicked with.
pub fn run_all<T: Send>(
    jobs: Vec<Box<dyn FnOnce() -> T + Send>>,
) -> Vec<Result<T, String>> {
    thread::scope(|scope| {
        let threads: Vec<_> =
            jobs.into_iter().map(|job| scope.spawn(job)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(message))
            .collect()
    })
}

fn message(panic: Box<dyn Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(other) => match other.downcast::<&str>() {
            Ok(text) => text.to_string(),
            Err(_) => "not a message".into(),
        },
    }
}
