//! A semaphore for tasks, whose places are given in the order in which they
//! were asked for, and which survives that who asked has gone.
//!
//! It is checked by a model, `model/lib.rs`, in every order in which who gives
//! back and who gives up can meet, as far as the checker models them.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::sync::Mutex;

/// So many may be taken at once.
pub struct Permits(Mutex<State>);

struct State {
    free: usize,
    queue: VecDeque<Waiting>,
    /// Taken from the queue for one who has not come for it yet.
    granted: Vec<usize>,
    next_id: usize,
}

struct Waiting {
    id: usize,
    waker: Waker,
}

/// One of them. Dropped, it is given back.
pub struct Permit(Arc<Permits>);

/// Waits for one.
pub struct Acquire {
    permits: Arc<Permits>,
    /// Its number in the queue, or among those that were granted.
    id: Option<usize>,
}

impl Permits {
    /// A semaphore with `free` of them.
    pub fn new(free: usize) -> Arc<Permits> {
        let (queue, granted) = (VecDeque::new(), Vec::new());
        let state = State { free, queue, granted, next_id: 0 };
        Arc::new(Permits(Mutex::new(state)))
    }

    /// Waits for a permit.
    pub fn acquire(self: &Arc<Permits>) -> Acquire {
        Acquire { permits: Arc::clone(self), id: None }
    }

    fn give_back(&self) {
        let mut state = self.0.lock().unwrap();
        let Some(next) = state.queue.pop_front() else {
            state.free += 1;
            return;
        };
        state.granted.push(next.id);
        drop(state);
        next.waker.wake();
    }
}

impl Future for Acquire {
    type Output = Permit;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Permit> {
        let permits = Arc::clone(&self.permits);
        let mut state = permits.0.lock().unwrap();
        match self.id {
            None if state.free > 0 => state.free -= 1,
            None => {
                let id = state.next_id;
                state.next_id += 1;
                self.id = Some(id);
                let waker = cx.waker().clone();
                state.queue.push_back(Waiting { id, waker });
                return Poll::Pending;
            }
            Some(id) => {
                let mut queue = state.queue.iter_mut();
                if let Some(ours) = queue.find(|one| one.id == id) {
                    ours.waker.clone_from(cx.waker());
                    return Poll::Pending;
                }
                state.granted.retain(|&granted| granted != id);
                self.id = None;
            }
        }
        drop(state);
        Poll::Ready(Permit(permits))
    }
}

// ANCHOR: drop
impl Drop for Acquire {
    fn drop(&mut self) {
        let Some(id) = self.id else { return };
        let mut state = self.permits.0.lock().unwrap();
        let before = state.granted.len();
        state.granted.retain(|&granted| granted != id);
        if state.granted.len() < before {
            // It was our turn, and we had not come yet. The next one's.
            drop(state);
            self.permits.give_back();
        } else {
            state.queue.retain(|one| one.id != id);
        }
    }
}
// ANCHOR_END: drop

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.give_back();
    }
}
