//! At most so many in flight: whoever comes beyond that is told no, at once.

use std::sync::atomic::Ordering::Relaxed;

use crate::sync::{Arc, AtomicUsize};

/// How many are in flight, and how many may be.
pub struct Limit {
    most: usize,
    in_flight: AtomicUsize,
}

/// Who has it is in flight until it is dropped.
pub struct Pass(Arc<Limit>);

// ANCHOR: limit
impl Limit {
    /// For at most so many.
    pub fn of(most: usize) -> Arc<Limit> {
        Arc::new(Limit { most, in_flight: AtomicUsize::new(0) })
    }

    /// A pass, or none where all are given out.
    pub fn enter(this: &Arc<Limit>) -> Option<Pass> {
        let one_more = |n| (n < this.most).then_some(n + 1);
        // Looks and counts in one step.
        let entered = this.in_flight.fetch_update(Relaxed, Relaxed, one_more);
        entered.ok().map(|_| Pass(Arc::clone(this)))
    }

    /// So many are in flight now.
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Relaxed)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}
// ANCHOR_END: limit
