//! Solution: `put` waits, too, for the same condition variable. `take` tells
//! it. Both wake all: who is woken may be of the other kind.

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

    /// Puts one in, as soon as there is room.
    pub fn put(&self, item: T) {
        let items = self.items.lock().unwrap();
        let is_full = |items: &mut VecDeque<T>| items.len() >= self.room;
        let mut items = self.changed.wait_while(items, is_full).unwrap();
        items.push_back(item);
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
