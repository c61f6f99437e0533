//! Exercise 3, solved: a *seqlock*. Who reads a half through the Acquire fence
//! that was written after the Release fence sees the odd turn, too.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::sync::{AtomicU32, fence};

/// Two numbers that belong together, and whose turn it is.
pub struct Pair {
    turn: AtomicU32,
    halves: [AtomicU32; 2],
}

impl Pair {
    /// Both are 0.
    pub fn new() -> Pair {
        let halves = [AtomicU32::new(0), AtomicU32::new(0)];
        Pair { turn: AtomicU32::new(0), halves }
    }

    /// Makes both this number. To be called by one thread.
    pub fn write(&self, number: u32) {
        let turn = self.turn.load(Relaxed);
        self.turn.store(turn + 1, Relaxed);
        fence(Release); // no half goes ahead of the odd turn
        self.halves.iter().for_each(|half| half.store(number, Relaxed));
        self.turn.store(turn + 2, Release);
    }

    /// Reads both, unless they were written meanwhile.
    pub fn read(&self) -> Option<[u32; 2]> {
        let before = self.turn.load(Acquire);
        let read = [0, 1].map(|i| self.halves[i].load(Relaxed));
        fence(Acquire); // no half is read behind the second look
        let after = self.turn.load(Relaxed);
        (before == after && before.is_multiple_of(2)).then_some(read)
    }
}
