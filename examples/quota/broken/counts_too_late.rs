//! WRONG: it opens, and then counts anew. Who is back before that counts on
//! from the old number, and takes itself for the last.

use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use crate::sync::{AtomicUsize, Condvar, Mutex};

pub struct Barrier {
    flows: usize,
    missing: AtomicUsize,
    round: AtomicUsize,
    asleep: Mutex<()>,
    opens: Condvar,
}

impl Barrier {
    pub fn new(flows: usize) -> Barrier {
        Barrier {
            flows,
            missing: AtomicUsize::new(flows),
            round: AtomicUsize::new(0),
            asleep: Mutex::new(()),
            opens: Condvar::new(),
        }
    }

    // ANCHOR: meet
    pub fn meet(&self) {
        let round = self.round.load(Acquire);
        if self.missing.fetch_sub(1, AcqRel) > 1 {
            return self.sleep(round);
        }
        let guard = self.asleep.lock().unwrap();
        self.round.store(round + 1, Release);
        drop(guard);
        self.opens.notify_all();
        self.missing.store(self.flows, Relaxed); // too late
    }
    // ANCHOR_END: meet

    fn sleep(&self, round: usize) {
        let mut guard = self.asleep.lock().unwrap();
        while self.round.load(Acquire) == round {
            guard = self.opens.wait(guard).unwrap();
        }
    }
}
