//! The synchronous face of an asynchronous library. Its loop has a thread of
//! its own, so it works wherever it is called; a task that calls it still
//! blocks its thread meanwhile.

use std::future::Future;
use std::thread;

use tokio::runtime::Builder;

/// Waits for what the future answers.
pub fn wait_for<T: Send>(future: impl Future<Output = T> + Send) -> T {
    let in_a_loop = || {
        let runtime = Builder::new_current_thread().enable_all().build();
        runtime.expect("a loop").block_on(future)
    };
    thread::scope(|scope| {
        scope.spawn(in_a_loop).join().expect("the future does not panic")
    })
}
