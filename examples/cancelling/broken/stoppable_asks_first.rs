//! WRONG: a future that asks whether it was stopped, and says afterwards whom
//! to wake. Who stops it in between wakes nobody.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::sync::Mutex;

#[derive(Default)]
pub struct Shared {
    stopped: Mutex<bool>,
    waiting: Mutex<Option<Waker>>,
}

impl Shared {
    pub fn stop(&self) {
        *self.stopped.lock().unwrap() = true;
        let waiting = self.waiting.lock().unwrap().take();
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }
}

/// Never done, unless it is stopped.
pub struct Stoppable(pub Arc<Shared>);

impl Future for Stoppable {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if *self.0.stopped.lock().unwrap() {
            return Poll::Ready(());
        }
        *self.0.waiting.lock().unwrap() = Some(cx.waker().clone());
        Poll::Pending
    }
}
