//! Two threads take turns: one sleeps while the other works.

use crate::sync::{AtomicUsize, Ordering, Thread, park};

/// Says whose turn it is. What is touched only during one's turn needs no lock.
#[derive(Debug)]
pub struct Turn(AtomicUsize);

impl Turn {
    /// It is `whose` turn.
    pub fn of(whose: usize) -> Turn {
        Turn(AtomicUsize::new(whose))
    }

    /// Whether it is `me`'s turn.
    pub fn is(&self, me: usize) -> bool {
        self.0.load(Ordering::Acquire) == me
    }

    /// Sleeps until it is `me`'s turn.
    pub fn wait(&self, me: usize) {
        while !self.is(me) {
            // May return without a reason, so the question is asked again.
            park();
        }
    }

    /// Makes it `next`'s turn, and wakes the thread that waits for it.
    pub fn pass(&self, next: usize, sleeper: &Thread) {
        self.0.store(next, Ordering::Release);
        sleeper.unpark();
    }

    /// Waits for `me`'s turn without sleeping: for two cores only.
    pub fn spin(&self, me: usize) {
        while !self.is(me) {
            std::hint::spin_loop();
        }
    }

    /// Makes it `next`'s turn; nobody sleeps.
    pub fn hand(&self, next: usize) {
        self.0.store(next, Ordering::Release);
    }
}
