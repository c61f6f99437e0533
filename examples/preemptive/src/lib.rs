//! What the chapter's experiments share: a pair of accounts, a watch over where
//! a thread is stopped, a ticker; and how to keep flows to one core or thread.

use lab::os;
use tokio::runtime::{Builder, Runtime};

pub mod pair;
pub mod stops;
mod sync;
pub mod ticker;

/// Keeps the calling thread on one core, where that can be asked for.
pub fn on_one_core() {
    if let Some(cpus) = os::allowed_cpus() {
        os::pin_to(&cpus[..1]);
    }
}

/// A loop of tokio's on one thread, the caller's.
///
/// # Panics
/// When the system has no poller for it.
pub fn one_thread() -> Runtime {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.expect("tokio starts on this thread")
}
