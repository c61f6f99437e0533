//! Exercise 3: a task in the background panics, and nobody is told who could
//! start it anew.

use std::future::Future;

use tokio::sync::mpsc::UnboundedSender;

/// Starts a task whose end nobody awaits. If it panics, `tell` has its message.
pub fn background(
    task: impl Future<Output = ()> + Send + 'static,
    tell: UnboundedSender<String>,
) {
    tokio::spawn(task);
    drop(tell);
}
