//! A door that opens once. Those who wait for it look for a moment, in case it
//! opens at once, and then sleep.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};

#[derive(Default)]
pub struct Latch {
    is_open: AtomicBool,
    asleep: Mutex<()>,
    opens: Condvar,
}

/// A few microseconds: about what it costs to fall asleep and be woken.
const LOOKS: u32 = 1_000;

impl Latch {
    pub fn wait(&self) {
        for _ in 0..LOOKS {
            if self.is_open.load(Ordering::Acquire) {
                return;
            }
            spin_loop();
        }
        let mut guard = self.asleep.lock().unwrap();
        while !self.is_open.load(Ordering::Acquire) {
            guard = self.opens.wait(guard).unwrap();
        }
    }

    pub fn open(&self) {
        // Under the lock, or it may open between a look and the sleep.
        let guard = self.asleep.lock().unwrap();
        self.is_open.store(true, Ordering::Release);
        drop(guard);
        self.opens.notify_all();
    }
}
