//! A stack of slots without a lock (Treiber 1986). Whoever takes a slot owns it
//! until they put it back.

use std::sync::atomic::Ordering::{self, Acquire, Relaxed, Release};

use crate::sync::{AtomicU32, AtomicU64};

/// Below the last slot.
const NONE: u32 = u32::MAX;

/// The stack: its top, and below each slot the next.
pub struct Tagged {
    /// A slot's number, and how often the top was changed.
    top: AtomicU64,
    below: Vec<AtomicU32>,
}

fn split(top: u64) -> (u32, u32) {
    ((top >> 32) as u32, top as u32)
}

fn join(tag: u32, slot: u32) -> u64 {
    u64::from(tag) << 32 | u64::from(slot)
}

impl Tagged {
    /// A stack of so many slots, 0 at its top.
    pub fn new(slots: u32) -> Tagged {
        let or_none = |i| if i < slots { i } else { NONE };
        Tagged {
            top: AtomicU64::new(join(0, or_none(0))),
            below: (1..=slots).map(|i| AtomicU32::new(or_none(i))).collect(),
        }
    }

    /// Takes the slot at the top.
    pub fn pop(&self) -> Option<u32> {
        self.pop_after(|| ())
    }

    // ANCHOR: pop
    /// Takes the slot at the top, `pause` between the look and the exchange.
    pub fn pop_after(&self, pause: impl Fn()) -> Option<u32> {
        loop {
            let top = self.top.load(Acquire);
            let (tag, slot) = split(top);
            let below = self.below.get(slot as usize)?.load(Relaxed);
            pause();
            // Succeeds only if nobody has changed the top: the tag would tell.
            let new = join(tag.wrapping_add(1), below);
            if self.swap(top, new, Relaxed) {
                return Some(slot);
            }
        }
    }

    /// Puts a slot back.
    pub fn push(&self, slot: u32) {
        loop {
            let top = self.top.load(Relaxed);
            let (tag, below) = split(top);
            self.below[slot as usize].store(below, Relaxed);
            if self.swap(top, join(tag.wrapping_add(1), slot), Release) {
                return;
            }
        }
    }
    // ANCHOR_END: pop

    fn swap(&self, old: u64, new: u64, order: Ordering) -> bool {
        self.top.compare_exchange_weak(old, new, order, Relaxed).is_ok()
    }
}
