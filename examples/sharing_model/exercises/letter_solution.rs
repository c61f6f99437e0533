//! Exercise 3, solved. Who sees the flag through `Acquire` sees all that was
//! done before it was raised with `Release`. The two only work together.

use std::sync::atomic::Ordering::{Acquire, Release};

use super::sync::{AtomicBool, UnsafeCell};

/// A letter that is written once, by one thread, and read by another.
pub struct Letter {
    text: UnsafeCell<u64>,
    ready: AtomicBool,
}

// SAFETY: the writer touches the text before the flag is up, and the reader
// afterwards; `Release` and `Acquire` put them in this order.
unsafe impl Sync for Letter {}

impl Letter {
    /// An empty sheet.
    pub fn new() -> Letter {
        Letter { text: UnsafeCell::new(0), ready: AtomicBool::new(false) }
    }

    /// Writes it, and raises the flag. To be called once.
    pub fn write(&self, text: u64) {
        // SAFETY: nobody reads before the flag is up.
        self.text.with_mut(|place| unsafe { *place = text });
        self.ready.store(true, Release);
    }

    /// Reads it, if the flag is up. To be called by one thread.
    pub fn read(&self) -> Option<u64> {
        if !self.ready.load(Acquire) {
            return None;
        }
        // SAFETY: the flag is up, so nobody writes any more.
        Some(self.text.with_mut(|place| unsafe { *place }))
    }
}
