//! WRONG. [`Ticket`] with a lost wake-up that no order of lines shows: the mark
//! is taken off by a store, which reads nothing. A waker that found the task
//! marked relies on the poll to come. But nothing says that the poll sees what
//! that waker wrote before it looked.

use crate::sync::{AtomicBool, Ordering};

pub(crate) struct Ticket {
    queued: AtomicBool,
}

impl Ticket {
    pub(crate) fn new() -> Ticket {
        Ticket { queued: AtomicBool::new(false) }
    }

    /// Returns whether the caller has to queue the task.
    pub(crate) fn call(&self) -> bool {
        !self.queued.swap(true, Ordering::AcqRel)
    }

    pub(crate) fn begin(&self) {
        self.queued.store(false, Ordering::Release);
    }
}
