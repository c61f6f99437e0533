//! A broken stack of slots: its top tells which slot lies there, and not
//! whether it has been away meanwhile.

use std::sync::atomic::Ordering::{self, Acquire, Relaxed, Release};

use crate::sync::AtomicU32;

/// Below the last slot.
const NONE: u32 = u32::MAX;

/// Broken: one slot may be given to two.
pub struct Untagged {
    top: AtomicU32,
    below: Vec<AtomicU32>,
}

impl Untagged {
    /// A stack of so many slots, 0 at its top.
    pub fn new(slots: u32) -> Untagged {
        let or_none = |i| if i < slots { i } else { NONE };
        Untagged {
            top: AtomicU32::new(or_none(0)),
            below: (1..=slots).map(|i| AtomicU32::new(or_none(i))).collect(),
        }
    }

    /// Takes the slot at the top.
    pub fn pop(&self) -> Option<u32> {
        self.pop_after(|| ())
    }

    // ANCHOR: broken
    /// Takes the slot at the top, `pause` between the look and the exchange.
    pub fn pop_after(&self, pause: impl Fn()) -> Option<u32> {
        loop {
            let top = self.top.load(Acquire);
            let below = self.below.get(top as usize)?.load(Relaxed);
            pause();
            // The same slot is there again. But what lies below it by now?
            if self.swap(top, below, Relaxed) {
                return Some(top);
            }
        }
    }
    // ANCHOR_END: broken

    /// Puts a slot back.
    pub fn push(&self, slot: u32) {
        loop {
            let top = self.top.load(Relaxed);
            self.below[slot as usize].store(top, Relaxed);
            if self.swap(top, slot, Release) {
                return;
            }
        }
    }
    fn swap(&self, old: u32, new: u32, order: Ordering) -> bool {
        self.top.compare_exchange_weak(old, new, order, Relaxed).is_ok()
    }
}
