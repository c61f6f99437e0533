//! A lock whose guard may go from thread to thread, as those of some libraries
//! may: DashMap's, say, or parking_lot's with `send_guard`. The compiler lets
//! it be held across an await in a task that moves between workers.

use std::sync::{Arc, Condvar, Mutex};

/// A lock that makes its thread wait.
#[derive(Default)]
pub struct Lock {
    taken: Mutex<bool>,
    free: Condvar,
}

/// Lets the lock go when it is dropped, on whichever thread.
pub struct Guard(Arc<Lock>);

impl Lock {
    /// Waits until the lock is free, and takes it.
    pub fn lock(self: &Arc<Lock>) -> Guard {
        let taken = self.taken.lock().unwrap();
        let taken = self.free.wait_while(taken, |taken| *taken);
        *taken.unwrap() = true;
        Guard(Arc::clone(self))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        *self.0.taken.lock().unwrap() = false;
        self.0.free.notify_one();
    }
}
