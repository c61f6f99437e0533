//! A channel with so many places, and no more.

use std::collections::VecDeque;

use crate::sync::{Condvar, Mutex};

/// Who puts waits for a free place, who takes waits for an item.
pub struct Slots<T> {
    items: Mutex<VecDeque<T>>,
    changed: Condvar,
    places: usize,
}

impl<T> Slots<T> {
    /// A channel with so many places.
    pub fn new(places: usize) -> Slots<T> {
        let (items, changed) = Default::default();
        Slots { items: Mutex::new(items), changed, places }
    }

    /// Puts an item in, when there is a place.
    pub fn put(&self, item: T) {
        let mut items = self.items.lock().unwrap();
        while items.len() == self.places {
            items = self.changed.wait(items).unwrap();
        }
        items.push_back(item);
        self.changed.notify_all();
    }

    /// Takes the first item out, when there is one.
    pub fn take(&self) -> T {
        let mut items = self.items.lock().unwrap();
        loop {
            if let Some(item) = items.pop_front() {
                self.changed.notify_all();
                return item;
            }
            items = self.changed.wait(items).unwrap();
        }
    }
}
