//! A channel without a lock: one sender, one receiver, and a ring of slots.
//!
//! A real channel would also tell one side that the other is gone.

use std::ops::Deref;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::sync::{Arc, AtomicUsize, CachePadded, UnsafeCell, yield_now};

struct Ring<T, C> {
    /// A power of two of them, so that a counter may wrap.
    slots: Vec<UnsafeCell<Option<T>>>,
    /// How many were sent; only the sender writes it.
    sent: C,
    /// How many were received; only the receiver writes it.
    received: C,
}

// SAFETY: a slot is the sender's from when the receiver has counted it until
// the sender counts it, and the receiver's otherwise. There is one of each,
// since neither can be cloned and both need `&mut self`. `T: Send`, since it
// goes from one thread to another.
unsafe impl<T: Send, C: Sync> Sync for Ring<T, C> {}

/// The end that puts in. `C` is where a counter lies: in a line of its own.
pub struct Sender<T, C = CachePadded<AtomicUsize>>(Arc<Ring<T, C>>);

/// The end that takes out.
pub struct Receiver<T, C = CachePadded<AtomicUsize>>(Arc<Ring<T, C>>);

/// A counter that lies beside the other, in the same line of cache.
pub struct Beside(AtomicUsize);

impl Deref for Beside {
    type Target = AtomicUsize;

    fn deref(&self) -> &AtomicUsize {
        &self.0
    }
}

/// A channel that holds so many items, which must be a power of two.
pub fn ring<T: Send>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    ring_after(capacity, 0)
}

/// The same, after so many items, as if they had been sent and received: what
/// becomes of a counter that wraps?
pub fn ring_after<T: Send>(
    capacity: usize,
    count: usize,
) -> (Sender<T>, Receiver<T>) {
    let ring = new(capacity, || CachePadded::new(AtomicUsize::new(count)));
    (Sender(Arc::clone(&ring)), Receiver(ring))
}

/// The same with its two counters in one line of cache.
pub fn ring_unpadded<T: Send>(
    capacity: usize,
) -> (Sender<T, Beside>, Receiver<T, Beside>) {
    let ring = new(capacity, || Beside(AtomicUsize::new(0)));
    (Sender(Arc::clone(&ring)), Receiver(ring))
}

fn new<T, C>(capacity: usize, counter: impl Fn() -> C) -> Arc<Ring<T, C>> {
    assert!(capacity.is_power_of_two(), "a capacity that is no power of two");
    let slots = (0..capacity).map(|_| UnsafeCell::new(None)).collect();
    Arc::new(Ring { slots, sent: counter(), received: counter() })
}

// ANCHOR: ring
impl<T, C: Deref<Target = AtomicUsize>> Sender<T, C> {
    /// Puts an item in, and waits for a slot if there is none.
    pub fn send(&mut self, item: T) {
        let ring = &*self.0;
        let sent = ring.sent.load(Relaxed);
        let received = || ring.received.load(Acquire);
        while sent.wrapping_sub(received()) == ring.slots.len() {
            yield_now();
        }
        let slot = &ring.slots[sent % ring.slots.len()];
        // SAFETY: the receiver is through with this slot, and will not touch
        // it before we count it.
        slot.with_mut(|slot| unsafe { *slot = Some(item) });
        // Now it is the receiver's.
        ring.sent.store(sent.wrapping_add(1), Release);
    }
}

impl<T, C: Deref<Target = AtomicUsize>> Receiver<T, C> {
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
        ring.received.store(received.wrapping_add(1), Release);
        item.expect("a slot that was counted is full")
    }
}
// ANCHOR_END: ring
