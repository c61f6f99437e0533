//! The synchronous face of an asynchronous library. It panics where its caller
//! is called from a task.

use std::future::Future;

use tokio::runtime::Builder;

/// Waits for what the future answers.
pub fn wait_for<T: Send>(future: impl Future<Output = T> + Send) -> T {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a loop").block_on(future)
}
