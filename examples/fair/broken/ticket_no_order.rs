//! A broken ticket lock: numbers are called in order, but who is called need
//! not see what was done inside before.

use std::sync::atomic::Ordering::{Acquire, Relaxed};

use crate::sync::{AtomicUsize, UnsafeCell, spin_loop};

/// Broken: the call orders nothing but itself.
pub struct NoOrder<T> {
    next: AtomicUsize,
    serving: AtomicUsize,
    value: UnsafeCell<T>,
}

// SAFETY: none, that is the point. It promises what `with` does not keep.
unsafe impl<T: Send> Sync for NoOrder<T> {}

impl<T> NoOrder<T> {
    /// Runs `work` on the value, alone, but not after the one before.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let mine = self.next.fetch_add(1, Relaxed);
        while self.serving.load(Acquire) != mine {
            spin_loop();
        }
        // SAFETY: none. Nothing orders this access after the last one.
        let answer = self.value.with_mut(|value| work(unsafe { &mut *value }));
        self.serving.store(mine.wrapping_add(1), Relaxed); // not Release
        answer
    }

    /// A lock that is free.
    pub fn new(value: T) -> NoOrder<T> {
        NoOrder {
            next: AtomicUsize::new(0),
            serving: AtomicUsize::new(0),
            value: UnsafeCell::new(value),
        }
    }
}
