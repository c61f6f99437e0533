//! Exercise 1: each of two threads raises its flag and looks at the other's.
//! Who sees none goes in. Now and then both do.

use std::sync::atomic::Ordering::{Acquire, Release};

use super::sync::AtomicBool;

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
        self.wants[me].store(true, Release);
        !self.wants[1 - me].load(Acquire)
    }
}
