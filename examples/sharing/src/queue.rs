//! A channel that hides a lock.

use std::collections::VecDeque;

use crate::sync::{Condvar, Mutex};

// ANCHOR: queue
/// Any thread may push, any thread may pop.
#[derive(Default)]
pub struct Queue<T> {
    items: Mutex<VecDeque<T>>,
    came: Condvar,
}

impl<T> Queue<T> {
    /// Puts an item at the end.
    pub fn push(&self, item: T) {
        self.items.lock().unwrap().push_back(item);
        self.came.notify_one();
    }

    /// Takes the first item, and waits for one if there is none.
    pub fn pop(&self) -> T {
        let mut items = self.items.lock().unwrap();
        loop {
            if let Some(item) = items.pop_front() {
                return item;
            }
            // Lets go of the lock, sleeps, and has the lock again. Somebody
            // else may have been faster, so look again.
            items = self.came.wait(items).unwrap();
        }
    }
}
// ANCHOR_END: queue
