//! A barrier: threads meet there, and none goes on before all have come.

use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use crate::sync::{AtomicUsize, Condvar, Mutex, spin_loop, yield_now};

/// How those wait who come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Awake: they look again and again.
    Spin,
    /// Awake, but they offer the core to others between two looks.
    Yield,
    /// Awake for so many looks, and then asleep.
    Briefly(u32),
    /// Asleep.
    Sleep,
}

/// A meeting place that opens again and again.
pub struct Barrier {
    flows: usize,
    missing: AtomicUsize,
    /// How often it has opened.
    round: AtomicUsize,
    asleep: Mutex<()>,
    opens: Condvar,
}

// ANCHOR: meet
impl Barrier {
    /// Waits for all the others. Who comes last does `last`, and opens.
    pub fn meet(&self, way: Way, last: impl FnOnce()) {
        let round = self.round.load(Acquire);
        if self.missing.fetch_sub(1, AcqRel) > 1 {
            return self.wait(way, round);
        }
        last();
        // Before it opens: who goes on may be back here at once.
        self.missing.store(self.flows, Relaxed);
        self.open(round);
    }

    fn wait(&self, way: Way, round: usize) {
        let mut looks = 0;
        while self.round.load(Acquire) == round {
            match way {
                Way::Spin => spin_loop(),
                Way::Yield => yield_now(),
                Way::Briefly(most) if looks < most => spin_loop(),
                Way::Briefly(_) | Way::Sleep => return self.sleep(round),
            }
            looks += 1;
        }
    }
    // ANCHOR_END: meet

    fn open(&self, round: usize) {
        let guard = self.asleep.lock().unwrap();
        self.round.store(round + 1, Release);
        drop(guard);
        self.opens.notify_all();
    }

    fn sleep(&self, round: usize) {
        let mut guard = self.asleep.lock().unwrap();
        // Under the lock, so that it cannot open between look and sleep.
        while self.round.load(Acquire) == round {
            guard = self.opens.wait(guard).unwrap();
        }
    }

    /// For so many flows.
    pub fn new(flows: usize) -> Barrier {
        Barrier {
            flows,
            missing: AtomicUsize::new(flows),
            round: AtomicUsize::new(0),
            asleep: Mutex::new(()),
            opens: Condvar::new(),
        }
    }
}
