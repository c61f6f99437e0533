//! A lock that waits by asking again.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::sync::{AtomicBool, UnsafeCell, spin_loop};

// ANCHOR: spin
/// A value that one thread at a time may touch.
pub struct SpinLock<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached through `with` only, by one thread at a time;
// `T: Send`, since it then belongs to that thread.
unsafe impl<T: Send> Sync for SpinLock<T> {}

impl<T> SpinLock<T> {
    /// Runs `work` on the value when nobody else does. If `work` panics, the
    /// lock stays taken for good.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        while !self.take() {
            spin_loop();
        }
        // SAFETY: `take` said `true`, and says it to nobody else before the
        // store below.
        let answer = self.value.with_mut(|value| work(unsafe { &mut *value }));
        self.taken.store(false, Release);
        answer
    }

    /// Looks and takes in one step, so that one thread only is told `true`.
    fn take(&self) -> bool {
        self.taken.compare_exchange(false, true, Acquire, Relaxed).is_ok()
    }
}
// ANCHOR_END: spin

impl<T> SpinLock<T> {
    /// A lock that is free.
    pub fn new(value: T) -> SpinLock<T> {
        SpinLock {
            taken: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }
}
