//! Exercise 1: so many may be inside, and the others wait. Now and then one
//! more gets in. Why?

use super::sync::{Condvar, Mutex};

/// Lets so many in at a time.
pub struct Semaphore {
    free: Mutex<usize>,
    changed: Condvar,
}

impl Semaphore {
    /// A semaphore with so many places.
    pub fn new(places: usize) -> Semaphore {
        Semaphore { free: Mutex::new(places), changed: Condvar::new() }
    }

    /// Takes a place, and waits for one if there is none.
    pub fn acquire(&self) {
        let mut free = self.free.lock().unwrap();
        if *free == 0 {
            free = self.changed.wait(free).unwrap();
        }
        *free = free.saturating_sub(1);
    }

    /// Gives a place back.
    pub fn release(&self) {
        *self.free.lock().unwrap() += 1;
        self.changed.notify_one();
    }
}
