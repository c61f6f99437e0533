//! Exercise 3, solved. A second task awaits the first, and there is nothing in
//! it that panics.

use std::future::Future;

use tokio::sync::mpsc::UnboundedSender;

/// Starts a task whose end nobody awaits. If it panics, `tell` has its message.
pub fn background(
    task: impl Future<Output = ()> + Send + 'static,
    tell: UnboundedSender<String>,
) {
    let task = tokio::spawn(task);
    tokio::spawn(async move {
        if let Err(panic) = task.await {
            let _ = tell.send(panic.to_string()); // nobody may be there
        }
    });
}
