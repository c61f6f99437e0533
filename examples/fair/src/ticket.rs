//! A lock that serves in the order of arrival.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::sync::{AtomicUsize, UnsafeCell, spin_loop};

// ANCHOR: ticket
/// A value that one thread at a time may touch, in the order of their tickets.
pub struct TicketLock<T> {
    next: AtomicUsize,
    serving: AtomicUsize,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached through `with` only, by one thread at a time;
// `T: Send`, since it then belongs to that thread.
unsafe impl<T: Send> Sync for TicketLock<T> {}

impl<T> TicketLock<T> {
    /// Runs `work` on the value when our number is called. If `work` panics,
    /// the next number is never called.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        self.with_pause(spin_loop, work)
    }

    /// The same, and `pause` is what we do between two looks.
    pub fn with_pause<R>(
        &self,
        pause: impl Fn(),
        work: impl FnOnce(&mut T) -> R,
    ) -> R {
        // Whoever comes later has a greater number, however quick it is.
        let mine = self.next.fetch_add(1, Relaxed);
        while self.serving.load(Acquire) != mine {
            pause();
        }
        // SAFETY: `serving` is our number, and nobody else's, until the store.
        let answer = self.value.with_mut(|value| work(unsafe { &mut *value }));
        self.serving.store(mine.wrapping_add(1), Release);
        answer
    }
}
// ANCHOR_END: ticket

impl<T> TicketLock<T> {
    /// A lock that is free.
    pub fn new(value: T) -> TicketLock<T> {
        TicketLock {
            next: AtomicUsize::new(0),
            serving: AtomicUsize::new(0),
            value: UnsafeCell::new(value),
        }
    }

    /// How many are inside or in line at this moment.
    pub fn line(&self) -> usize {
        let served = self.serving.load(Relaxed);
        self.next.load(Relaxed).wrapping_sub(served)
    }
}
