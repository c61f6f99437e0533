//! Exercise 3, solved. The call has a thread of its own, and when it is done it
//! wakes the task. Asking for the answer and leaving the waker happen under one
//! lock: if the answer came in between, nobody would be woken. A panic is an
//! answer, too: without one the task would wait forever.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;

struct Slot<T> {
    answer: Option<thread::Result<T>>,
    waiting: Option<Waker>,
}

/// Runs `call`, which may take long, and returns its answer, or panics as it
/// did. Other tasks go on meanwhile.
pub async fn off_the_loop<T: Send + 'static>(
    call: impl FnOnce() -> T + Send + 'static,
) -> T {
    let slot = Arc::new(Mutex::new(Slot { answer: None, waiting: None }));
    let theirs = Arc::clone(&slot);
    thread::spawn(move || {
        // Nobody sees what a panic leaves half done: the call owns it all.
        let answer = catch_unwind(AssertUnwindSafe(call));
        let mut slot = theirs.lock().unwrap();
        slot.answer = Some(answer);
        if let Some(waiting) = slot.waiting.take() {
            waiting.wake();
        }
    });
    let answer = poll_fn(|cx| {
        let mut slot = slot.lock().unwrap();
        match slot.answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => {
                slot.waiting = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    })
    .await;
    answer.unwrap_or_else(|panic| resume_unwind(panic))
}
