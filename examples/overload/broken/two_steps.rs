//! A broken limit: it looks first, and counts afterwards.

use std::sync::atomic::Ordering::Relaxed;

use crate::sync::{Arc, AtomicUsize};

/// Broken: more can be in flight than may be.
pub struct TwoSteps {
    most: usize,
    in_flight: AtomicUsize,
}

/// Who has it is in flight until it is dropped.
pub struct Pass(Arc<TwoSteps>);

// ANCHOR: broken
impl TwoSteps {
    /// For at most so many.
    pub fn of(most: usize) -> Arc<TwoSteps> {
        Arc::new(TwoSteps { most, in_flight: AtomicUsize::new(0) })
    }

    /// A pass, or none where all seem to be given out.
    pub fn enter(this: &Arc<TwoSteps>) -> Option<Pass> {
        if this.in_flight.load(Relaxed) >= this.most {
            return None;
        }
        // Another one has seen the same number.
        this.in_flight.fetch_add(1, Relaxed);
        Some(Pass(Arc::clone(this)))
    }

    /// So many are in flight now.
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Relaxed)
    }
}
// ANCHOR_END: broken

impl Drop for Pass {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}
