//! A future that can be stopped from outside, on any executor, and whose panic
//! is an answer and not its executor's end.
//!
//! It is checked by a model, `model/lib.rs`, in every order in which who stops
//! and who polls can meet, as far as the checker models them.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::sync::Mutex;

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// Somebody called [`Stop::stop`] before it was done.
    Stopped,
    /// It panicked.
    Panicked,
}

/// Stops its future, from any thread.
#[derive(Clone)]
pub struct Stop(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    stopped: bool,
    waiting: Option<Waker>,
}

/// What [`stoppable`] makes of a future.
pub struct Stoppable<F> {
    /// Gone as soon as it has ended, so that what it holds is free.
    future: Option<Pin<Box<F>>>,
    state: Arc<Mutex<State>>,
}

/// Makes a future that can be stopped, and what stops it.
pub fn stoppable<F: Future>(future: F) -> (Stoppable<F>, Stop) {
    let state = Arc::default();
    let stop = Stop(Arc::clone(&state));
    (Stoppable { future: Some(Box::pin(future)), state }, stop)
}

// ANCHOR: stop
impl Stop {
    /// The future is dropped when its executor comes to it, and not before: if
    /// it is being polled now, it goes on to its next await.
    pub fn stop(&self) {
        let mut state = self.0.lock().unwrap();
        state.stopped = true;
        let waiting = state.waiting.take();
        drop(state);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }
}

impl<F: Future> Future for Stoppable<F> {
    type Output = Result<F::Output, Ended>;

    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Self::Output> {
        {
            // One lock around both: between "not stopped" and "wake me"
            // nobody can stop it.
            let mut state = self.state.lock().unwrap();
            if state.stopped {
                drop(state);
                self.future = None;
                return Poll::Ready(Err(Ended::Stopped));
            }
            state.waiting = Some(cx.waker().clone());
        }
        let future = self.future.as_mut().expect("polled after its end");
        // A panic may have left what it shares with others half done, as one
        // that ends a thread may.
        let poll = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        let ended = match poll {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(answer)) => Ok(answer),
            Err(_) => Err(Ended::Panicked),
        };
        self.future = None;
        Poll::Ready(ended)
    }
}
// ANCHOR_END: stop
