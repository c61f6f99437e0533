//! A broken lock: it can go to sleep after the call that was to wake it.

use std::collections::VecDeque;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::spin::SpinLock;
use crate::sync::{AtomicBool, Thread, UnsafeCell, current, park};

/// Broken: a wake-up can be lost, and then a thread sleeps for good.
pub struct LostWake<T> {
    taken: AtomicBool,
    asleep: SpinLock<VecDeque<Thread>>,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached through `with` only, by one thread at a time;
// that much is right.
unsafe impl<T: Send> Sync for LostWake<T> {}

// ANCHOR: broken
impl<T> LostWake<T> {
    /// Runs `work` on the value when nobody else does, if ever.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        while !self.take() {
            // If the lock is let go here, nobody knows yet that we will sleep.
            self.asleep.with(|asleep| asleep.push_back(current()));
            park();
        }
        // SAFETY: `take` said `true`, and says it to nobody else before the
        // store below.
        let answer = self.value.with_mut(|value| work(unsafe { &mut *value }));
        self.taken.store(false, Release);
        let first = self.asleep.with(|asleep| asleep.pop_front());
        first.inspect(Thread::unpark);
        answer
    }

    /// Looks and takes in one step, so that one thread only is told `true`.
    fn take(&self) -> bool {
        self.taken.compare_exchange(false, true, Acquire, Relaxed).is_ok()
    }
}
// ANCHOR_END: broken

impl<T> LostWake<T> {
    /// A lock that is free.
    pub fn new(value: T) -> LostWake<T> {
        LostWake {
            taken: AtomicBool::new(false),
            asleep: SpinLock::new(VecDeque::new()),
            value: UnsafeCell::new(value),
        }
    }
}
