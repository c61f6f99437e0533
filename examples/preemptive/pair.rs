//! Two accounts whose sum never changes, except while a coin is on its way.
//! The atomics are for the compiler: with one core there is nobody to race with
//! in hardware, and a thread that is stopped still leaves a half-done change.

use super::sync::{AtomicI64, Mutex, MutexGuard, Relaxed};

pub(crate) const COINS: i64 = 1_000_000_000;

pub(crate) struct Pair {
    from: AtomicI64,
    to: AtomicI64,
    whole: Mutex<()>,
}

impl Pair {
    pub(crate) fn new() -> Pair {
        let (from, to) = (AtomicI64::new(COINS), AtomicI64::new(0));
        Pair { from, to, whole: Mutex::new(()) }
    }

    /// A coin leaves. One thread only calls this and `put`.
    pub(crate) fn take(&self) {
        self.from.store(self.from.load(Relaxed) - 1, Relaxed);
    }

    /// A coin arrives.
    pub(crate) fn put(&self) {
        self.to.store(self.to.load(Relaxed) + 1, Relaxed);
    }

    /// Held by those who agree that a change is seen whole or not at all.
    pub(crate) fn whole(&self) -> MutexGuard<'_, ()> {
        self.whole.lock().unwrap()
    }

    pub(crate) fn sum(&self) -> i64 {
        self.from.load(Relaxed) + self.to.load(Relaxed)
    }
}
