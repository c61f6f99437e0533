//! A token that is shared by whoever is to stop together, and asked by those
//! who want to end in their own way.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::{Poll, Waker};

use crate::sync::Mutex;

/// Canceled once, and for all who hold a clone.
#[derive(Clone, Default)]
pub struct Token(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    canceled: bool,
    waiting: Vec<Waker>,
}

// ANCHOR: token
impl Token {
    /// Whoever waits for it goes on.
    pub fn cancel(&self) {
        let mut state = self.0.lock().unwrap();
        state.canceled = true;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// For those who ask now and then, as threads do.
    pub fn is_canceled(&self) -> bool {
        self.0.lock().unwrap().canceled
    }

    /// For those who can wait for it, beside what they do.
    pub fn canceled(&self) -> impl Future<Output = ()> {
        poll_fn(|cx| {
            let mut state = self.0.lock().unwrap();
            if state.canceled {
                return Poll::Ready(());
            }
            if !state.waiting.iter().any(|one| one.will_wake(cx.waker())) {
                state.waiting.push(cx.waker().clone());
            }
            Poll::Pending
        })
    }
}
// ANCHOR_END: token
