//! A broken ticket lock: it takes its number in two steps.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::sync::{AtomicUsize, UnsafeCell, spin_loop};

/// Broken: two threads can have the same number, and go in together.
pub struct SameNumber<T> {
    next: AtomicUsize,
    serving: AtomicUsize,
    value: UnsafeCell<T>,
}

// SAFETY: none, that is the point. It promises what `with` does not keep.
unsafe impl<T: Send> Sync for SameNumber<T> {}

// ANCHOR: broken
impl<T> SameNumber<T> {
    /// Runs `work` on the value, alone or not.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let mine = self.next.load(Relaxed);
        // Whoever looks now sees the same number.
        self.next.store(mine.wrapping_add(1), Relaxed);
        while self.serving.load(Acquire) != mine {
            spin_loop();
        }
        // SAFETY: none. Another thread may have a `&mut` to the same value.
        let answer = self.value.with_mut(|value| work(unsafe { &mut *value }));
        self.serving.store(mine.wrapping_add(1), Release);
        answer
    }
}
// ANCHOR_END: broken

impl<T> SameNumber<T> {
    /// A lock that is free.
    pub fn new(value: T) -> SameNumber<T> {
        SameNumber {
            next: AtomicUsize::new(0),
            serving: AtomicUsize::new(0),
            value: UnsafeCell::new(value),
        }
    }
}
