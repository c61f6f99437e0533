//! Two accounts whose sum never changes, except while a coin is on its way.
//! The atomics are for the compiler: with one core there is nobody to race with
//! in hardware, and a thread that is stopped still leaves a half-done change.

use crate::sync::{AtomicI64, Mutex, MutexGuard, Relaxed};

/// What both accounts have together.
pub const COINS: i64 = 1_000_000_000;

/// The accounts, and a lock for those who take one.
pub struct Pair {
    from: AtomicI64,
    to: AtomicI64,
    whole: Mutex<()>,
}

// Inlined into the program: what it measures is a short step.
impl Pair {
    /// All coins are in the first account.
    #[expect(clippy::new_without_default, reason = "it does not begin empty")]
    pub fn new() -> Pair {
        let (from, to) = (AtomicI64::new(COINS), AtomicI64::new(0));
        Pair { from, to, whole: Mutex::new(()) }
    }

    /// A coin leaves. One thread only calls this and `put`.
    #[inline]
    pub fn take(&self) {
        self.from.store(self.from.load(Relaxed) - 1, Relaxed);
    }

    /// A coin arrives.
    #[inline]
    pub fn put(&self) {
        self.to.store(self.to.load(Relaxed) + 1, Relaxed);
    }

    /// Held by those who agree that a change is seen whole or not at all.
    #[inline]
    pub fn whole(&self) -> MutexGuard<'_, ()> {
        self.whole.lock().unwrap()
    }

    /// What an auditor finds.
    #[inline]
    pub fn sum(&self) -> i64 {
        self.from.load(Relaxed) + self.to.load(Relaxed)
    }
}
