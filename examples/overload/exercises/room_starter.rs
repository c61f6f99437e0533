//! Exercise: room for so many.
//!
//! A queue between threads. `take` waits for an item. As it is here, `put`
//! never waits, and a producer that is too fast fills the memory. Change it so
//! that `put` waits as long as there are `room` items in it.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};

/// A queue with room for so many.
pub struct Queue<T> {
    room: usize,
    items: Mutex<VecDeque<T>>,
    changed: Condvar,
}

impl<T> Queue<T> {
    /// An empty one.
    pub fn new(room: usize) -> Queue<T> {
        let (items, changed) = (Mutex::default(), Condvar::new());
        Queue { room, items, changed }
    }

    /// Puts one in.
    pub fn put(&self, item: T) {
        self.items.lock().unwrap().push_back(item);
        self.changed.notify_all();
    }

    /// Takes the oldest out, as soon as there is one.
    pub fn take(&self) -> T {
        let items = self.items.lock().unwrap();
        let is_empty = |items: &mut VecDeque<T>| items.is_empty();
        let mut items = self.changed.wait_while(items, is_empty).unwrap();
        let item = items.pop_front().unwrap();
        self.changed.notify_all();
        item
    }

    /// How many wait in it, and how many may.
    pub fn waiting(&self) -> (usize, usize) {
        (self.items.lock().unwrap().len(), self.room)
    }
}
