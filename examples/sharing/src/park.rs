//! A lock that waits asleep.

use std::collections::VecDeque;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::spin::SpinLock;
use crate::sync::{AtomicU8, Thread, UnsafeCell, current, park};

const FREE: u8 = 0;
const TAKEN: u8 = 1;
/// Taken, and somebody may be asleep.
const WANTED: u8 = 2;

/// A value that one thread at a time may touch; the others sleep.
pub struct ParkLock<T> {
    state: AtomicU8,
    asleep: SpinLock<VecDeque<Thread>>,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached through `with` only, by one thread at a time;
// `T: Send`, since it then belongs to that thread.
unsafe impl<T: Send> Sync for ParkLock<T> {}

// ANCHOR: park
impl<T> ParkLock<T> {
    /// Runs `work` on the value when nobody else does. If `work` panics, the
    /// lock stays taken for good.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        if self.state.compare_exchange(FREE, TAKEN, Acquire, Relaxed).is_err() {
            self.wait();
        }
        // SAFETY: we turned FREE into something else, and nobody else can
        // before the swap below.
        let answer = self.value.with_mut(|value| work(unsafe { &mut *value }));
        if self.state.swap(FREE, Release) == WANTED {
            let first = self.asleep.with(|asleep| asleep.pop_front());
            first.inspect(Thread::unpark);
        }
        answer
    }

    fn wait(&self) {
        loop {
            let me = current();
            // Who lets go looks into `asleep` after us, or we see it FREE.
            let taken = self.asleep.with(|asleep| {
                asleep.retain(|other| other.id() != me.id());
                let taken = self.state.swap(WANTED, Acquire) == FREE;
                if !taken {
                    asleep.push_back(me);
                }
                taken
            });
            if taken {
                return;
            }
            park(); // may return for no reason, so look again
        }
    }
}
// ANCHOR_END: park

impl<T> ParkLock<T> {
    /// A lock that is free.
    pub fn new(value: T) -> ParkLock<T> {
        ParkLock {
            state: AtomicU8::new(FREE),
            asleep: SpinLock::new(VecDeque::new()),
            value: UnsafeCell::new(value),
        }
    }
}
