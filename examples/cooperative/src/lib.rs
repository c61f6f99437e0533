//! What the chapter builds: a scheduler for flows with a stack, one for flows
//! without, a task lowered by hand, timers that call back, and a sheet that
//! tells who ran when.

use tokio::runtime::{Builder, Runtime};

pub mod callbacks;
pub mod job;
pub mod lowered;
pub mod sheet;
pub mod stackful;
pub mod stackless;

/// A loop of tokio's on one thread, the caller's, that knows no time.
///
/// # Panics
/// When tokio does not start.
pub fn one_thread() -> Runtime {
    let runtime = Builder::new_current_thread().build();
    runtime.expect("tokio starts on this thread")
}

/// The same for tasks that sleep.
///
/// # Panics
/// When tokio does not start.
pub fn one_thread_with_time() -> Runtime {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.expect("tokio starts on this thread")
}
