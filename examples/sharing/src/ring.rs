//! A channel without a lock: one sender, one receiver, and a ring of slots.
//!
//! A real channel would also tell one side that the other is gone.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::sync::{Arc, AtomicUsize, UnsafeCell, yield_now};

struct Ring<T> {
    slots: Vec<UnsafeCell<Option<T>>>,
    /// How many were sent; only the sender writes it.
    sent: AtomicUsize,
    /// How many were received; only the receiver writes it.
    received: AtomicUsize,
}

// SAFETY: a slot is the sender's from when the receiver has counted it until
// the sender counts it, and the receiver's otherwise. There is one of each,
// since neither can be cloned and both need `&mut self`. `T: Send`, since it
// goes from one thread to another.
unsafe impl<T: Send> Sync for Ring<T> {}

/// The end that puts in.
pub struct Sender<T>(Arc<Ring<T>>);

/// The end that takes out.
pub struct Receiver<T>(Arc<Ring<T>>);

/// A channel that holds so many items, one at least.
pub fn ring<T: Send>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    assert!(capacity > 0, "a channel without room");
    let ring = Arc::new(Ring {
        slots: (0..capacity).map(|_| UnsafeCell::new(None)).collect(),
        sent: AtomicUsize::new(0),
        received: AtomicUsize::new(0),
    });
    (Sender(Arc::clone(&ring)), Receiver(ring))
}

// ANCHOR: ring
impl<T> Sender<T> {
    /// Puts an item in, and waits for a slot if there is none.
    pub fn send(&mut self, item: T) {
        let ring = &*self.0;
        let sent = ring.sent.load(Relaxed);
        while sent - ring.received.load(Acquire) == ring.slots.len() {
            yield_now();
        }
        let slot = &ring.slots[sent % ring.slots.len()];
        // SAFETY: the receiver is through with this slot, and will not touch
        // it before we count it.
        slot.with_mut(|slot| unsafe { *slot = Some(item) });
        ring.sent.store(sent + 1, Release); // now it is the receiver's
    }
}

impl<T> Receiver<T> {
    /// Takes the next item, and waits for one if there is none.
    pub fn receive(&mut self) -> T {
        let ring = &*self.0;
        let received = ring.received.load(Relaxed);
        while ring.sent.load(Acquire) == received {
            yield_now();
        }
        let slot = &ring.slots[received % ring.slots.len()];
        // SAFETY: the sender has counted this slot, and will not touch it
        // before we count it.
        let item = slot.with_mut(|slot| unsafe { (*slot).take() });
        ring.received.store(received + 1, Release); // the sender's again
        item.expect("a slot that was counted is full")
    }
}
// ANCHOR_END: ring
