//! Exercise 3, solved. The call has a thread of its own, and when it is done it
//! wakes the task. Asking for the answer and leaving the waker happen under one
//! lock: if the answer came in between, nobody would be woken.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;

struct Slot<T> {
    answer: Option<T>,
    waiting: Option<Waker>,
}

/// Runs `call`, which may take long, and returns its answer. Other tasks go on
/// meanwhile.
pub async fn off_the_loop<T: Send + 'static>(
    call: impl FnOnce() -> T + Send + 'static,
) -> T {
    let slot = Arc::new(Mutex::new(Slot { answer: None, waiting: None }));
    let theirs = Arc::clone(&slot);
    thread::spawn(move || {
        let answer = call();
        let mut slot = theirs.lock().unwrap();
        slot.answer = Some(answer);
        if let Some(waiting) = slot.waiting.take() {
            waiting.wake();
        }
    });
    poll_fn(|cx| {
        let mut slot = slot.lock().unwrap();
        match slot.answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => {
                slot.waiting = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    })
    .await
}
