//! What the chapter shares: a loop of tokio's on one thread, and a sender whose
//! frames come in two halves.

use tokio::runtime::{Builder, Runtime};

pub mod frames;

/// A loop of tokio's on one thread, the caller's.
///
/// # Panics
/// When tokio does not start.
pub fn one_thread() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("tokio starts on this thread")
}
