//! Exercise 1, solved. So does tokio-util's `AbortOnDropHandle`.

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

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        self.0.abort(); // one that has ended is not aborted any more
    }
}
