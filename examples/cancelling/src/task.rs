//! A task that can be aborted, on any executor that can be given a future, and
//! a group of them that leaves nobody behind.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::stoppable::{Ended, Stop, Stoppable, stoppable};

// ANCHOR: task
/// What an executor calls a handle, and what stops its task.
pub struct Task<J> {
    handle: J,
    stop: Stop,
}

/// Gives a future to an executor, as `on` does, in a form that can be aborted.
pub fn spawn<F: Future, J>(
    future: F,
    on: impl FnOnce(Stoppable<F>) -> J,
) -> Task<J> {
    let (future, stop) = stoppable(future);
    Task { handle: on(future), stop }
}

impl<J> Task<J> {
    /// Asks. The task is gone when whoever awaits it has its answer.
    pub fn abort(&self) {
        self.stop.stop();
    }
}

impl<J: Future + Unpin> Future for Task<J> {
    type Output = J::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<J::Output> {
        Pin::new(&mut self.handle).poll(cx)
    }
}
// ANCHOR_END: task

/// Why a group failed.
#[derive(Debug, PartialEq, Eq)]
pub enum Failed<E> {
    /// What one of them returned.
    Error(E),
    /// One of them has no answer.
    Ended(Ended),
}

// ANCHOR: group
/// Waits for all of them. When one fails the others are aborted, and it returns
/// when they are gone.
///
/// # Errors
/// The first failure.
pub async fn all_or_none<J, E>(mut tasks: Vec<Task<J>>) -> Result<(), Failed<E>>
where
    J: Future<Output = Result<Result<(), E>, Ended>> + Unpin,
{
    let mut first = None;
    poll_fn(|cx| {
        let mut i = 0;
        while let Some(task) = tasks.get_mut(i) {
            let Poll::Ready(ended) = Pin::new(task).poll(cx) else {
                i += 1;
                continue;
            };
            drop(tasks.swap_remove(i));
            let failed = match ended {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => Failed::Error(error),
                Err(ended) => Failed::Ended(ended),
            };
            if first.is_none() {
                first = Some(failed);
                tasks.iter().for_each(Task::abort);
            }
        }
        // Not at the first failure: the aborted ones have yet to go.
        if tasks.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    first.map_or(Ok(()), Err)
}
// ANCHOR_END: group
