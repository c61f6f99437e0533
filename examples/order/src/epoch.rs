//! A stack of values without a lock, of nodes that are made and freed
//! (Treiber 1986), by crossbeam's epochs.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crossbeam_epoch::{Atomic, Guard, Owned, pin};

/// The stack: its topmost node.
pub struct Stack<T>(Atomic<Node<T>>);

struct Node<T> {
    value: T,
    below: Atomic<Node<T>>,
}

impl<T> Default for Stack<T> {
    fn default() -> Stack<T> {
        Stack(Atomic::null())
    }
}

// ANCHOR: epoch
impl<T: Clone + Send + 'static> Stack<T> {
    /// Puts a value on top.
    pub fn push(&self, value: T) {
        let guard = &pin();
        let mut node = Owned::new(Node { value, below: Atomic::null() });
        loop {
            let top = self.0.load(Relaxed, guard);
            node.below.store(top, Relaxed);
            let swap =
                self.0.compare_exchange(top, node, Release, Relaxed, guard);
            match swap {
                Ok(_) => return,
                Err(failed) => node = failed.new,
            }
        }
    }

    /// Takes the value from the top.
    pub fn pop(&self) -> Option<T> {
        self.pop_within(&pin())
    }

    fn pop_within(&self, guard: &Guard) -> Option<T> {
        loop {
            let top = self.0.load(Acquire, guard);
            // SAFETY: as long as we are pinned, no node is freed that we may
            // have seen, so none comes back at the same address either.
            let node = unsafe { top.as_ref() }?;
            let below = node.below.load(Relaxed, guard);
            let swap =
                self.0.compare_exchange(top, below, Relaxed, Relaxed, guard);
            if swap.is_ok() {
                let value = node.value.clone();
                // SAFETY: it is off the stack, and we alone took it off.
                unsafe { guard.defer_destroy(top) };
                return Some(value);
            }
        }
    }
}
// ANCHOR_END: epoch

impl<T> Drop for Stack<T> {
    fn drop(&mut self) {
        let guard = &pin();
        let mut top =
            self.0.swap(crossbeam_epoch::Shared::null(), Acquire, guard);
        // SAFETY: nobody else has the stack any more.
        while let Some(node) = unsafe { top.as_ref() } {
            let below = node.below.load(Relaxed, guard);
            // SAFETY: as above, and we do not come back to it.
            drop(unsafe { top.into_owned() });
            top = below;
        }
    }
}
