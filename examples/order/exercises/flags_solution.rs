//! Exercise 1, solved. Release and Acquire let a load overtake an older store
//! to another place; a SeqCst fence between does not. Two SeqCst accesses would
//! do as well, but loom takes those for weaker ones and would not pass them.

use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use super::sync::{AtomicBool, fence};

/// A door for one of two.
pub struct Door {
    wants: [AtomicBool; 2],
}

impl Door {
    /// A door that nobody wants to go through.
    pub fn new() -> Door {
        Door { wants: [AtomicBool::new(false), AtomicBool::new(false)] }
    }

    /// Whether thread `me`, which is 0 or 1, may go in. To be called once by
    /// each.
    pub fn may_enter(&self, me: usize) -> bool {
        self.wants[me].store(true, Relaxed);
        fence(SeqCst);
        !self.wants[1 - me].load(Relaxed)
    }
}
