//! A broken lock: only one thread is inside, but it need not see what the last
//! one did there.

use std::sync::atomic::Ordering::Relaxed;

use crate::sync::{AtomicBool, UnsafeCell, spin_loop};

/// Broken: it orders nothing but itself.
pub struct NoOrder<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: none, that is the point. It promises what `with` does not keep.
unsafe impl<T: Send> Sync for NoOrder<T> {}

// ANCHOR: broken
impl<T> NoOrder<T> {
    /// Runs `work` on the value, alone, but not after the one before.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        while !self.take() {
            spin_loop();
        }
        // SAFETY: none. Nothing orders this access after the last one.
        let answer = self.value.with_mut(|value| work(unsafe { &mut *value }));
        self.taken.store(false, Relaxed);
        answer
    }

    /// Looks and takes in one step.
    fn take(&self) -> bool {
        self.taken.compare_exchange(false, true, Relaxed, Relaxed).is_ok()
    }
}
// ANCHOR_END: broken

impl<T> NoOrder<T> {
    /// A lock that is free.
    pub fn new(value: T) -> NoOrder<T> {
        NoOrder { taken: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }
}
