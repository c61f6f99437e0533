//! Exercise 1, solved. Between the call that wakes a thread and the moment it
//! has the lock again, another may take the place. So it must look again.

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
        while *free == 0 {
            free = self.changed.wait(free).unwrap();
        }
        *free -= 1;
    }

    /// Gives a place back.
    pub fn release(&self) {
        *self.free.lock().unwrap() += 1;
        self.changed.notify_one();
    }
}
