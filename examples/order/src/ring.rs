//! A channel of numbers without a lock, one sender and one receiver: Sharing's
//! ring, by whichever orderings, to see what they cost.

use std::hint::spin_loop;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::thread::yield_now;

use crossbeam_utils::CachePadded;

use crate::litmus::Orders;

const SLOTS: u64 = 64;

/// How much was sent and received, and the numbers in between.
pub struct Ring {
    sent: CachePadded<AtomicU64>,
    received: CachePadded<AtomicU64>,
    slots: [AtomicU64; SLOTS as usize],
}

impl Default for Ring {
    fn default() -> Ring {
        Ring {
            sent: CachePadded::default(),
            received: CachePadded::default(),
            slots: std::array::from_fn(|_| AtomicU64::new(0)),
        }
    }
}

// ANCHOR: ring
impl Ring {
    /// Sends a number; to be called by one thread.
    pub fn send<O: Orders>(&self, number: u64) {
        let sent = self.sent.load(Relaxed); // our own
        until(|| sent - self.received.load(O::LOAD) < SLOTS);
        self.slots[(sent % SLOTS) as usize].store(number, Relaxed);
        self.sent.store(sent + 1, O::STORE);
    }

    /// Receives a number; to be called by one thread.
    pub fn receive<O: Orders>(&self) -> u64 {
        let received = self.received.load(Relaxed);
        until(|| self.sent.load(O::LOAD) > received);
        let slot = &self.slots[(received % SLOTS) as usize];
        let number = slot.load(Relaxed);
        self.received.store(received + 1, O::STORE);
        number
    }
}
// ANCHOR_END: ring

/// Waits awake, and gives way when it takes long.
fn until(done: impl Fn() -> bool) {
    let mut looked = 0;
    while !done() {
        looked += 1;
        if looked < 1_000 {
            spin_loop();
        } else {
            yield_now();
        }
    }
}
