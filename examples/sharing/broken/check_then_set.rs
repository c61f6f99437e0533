//! A broken lock: it looks first and takes afterwards.

use std::sync::atomic::Ordering::{Acquire, Release};

use crate::sync::{AtomicBool, UnsafeCell, spin_loop};

/// Broken: two threads can be inside at once.
pub struct CheckThenSet<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: none, that is the point. It promises what `with` does not keep.
unsafe impl<T: Send> Sync for CheckThenSet<T> {}

// ANCHOR: broken
impl<T> CheckThenSet<T> {
    /// Runs `work` on the value, alone or not.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        while self.taken.load(Acquire) {
            spin_loop();
        }
        // Whoever looks now sees a free lock too.
        self.taken.store(true, Release);
        // SAFETY: none. Another thread may have a `&mut` to the same value.
        let answer = self.value.with_mut(|value| work(unsafe { &mut *value }));
        self.taken.store(false, Release);
        answer
    }
}
// ANCHOR_END: broken

impl<T> CheckThenSet<T> {
    /// A lock that is free.
    pub fn new(value: T) -> CheckThenSet<T> {
        CheckThenSet {
            taken: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }
}
