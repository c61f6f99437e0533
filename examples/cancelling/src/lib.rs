//! What the chapter builds: a future that can be stopped, a task that can be
//! aborted, a token that says so to many, a semaphore that survives who gave
//! up. And what its programs share: a loop of tokio's on one thread, a sender
//! whose frames come in halves.

use tokio::runtime::{Builder, Runtime};

pub mod frames;
pub mod permits;
pub mod stoppable;
mod sync;
pub mod task;
pub mod token;

/// A loop of tokio's on one thread, the caller's.
///
/// # Panics
/// When tokio does not start.
pub fn one_thread() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("tokio starts on this thread")
}
