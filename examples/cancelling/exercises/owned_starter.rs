//! Exercise 1: whoever drops this wants the task to end. It goes on.

use std::future::Future;

use tokio::task::{JoinError, JoinHandle};

/// A task that lives as long as this.
pub struct Owned<T>(JoinHandle<T>);

impl<T: Send + 'static> Owned<T> {
    pub fn spawn(task: impl Future<Output = T> + Send + 'static) -> Owned<T> {
        Owned(tokio::spawn(task))
    }

    pub async fn join(mut self) -> Result<T, JoinError> {
        (&mut self.0).await
    }
}
