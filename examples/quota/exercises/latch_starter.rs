//! A door that opens once. Those who wait for it look again and again. With
//! more threads than cores they keep the core of the one who is to open it.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Default)]
pub struct Latch {
    is_open: AtomicBool,
}

impl Latch {
    pub fn wait(&self) {
        while !self.is_open.load(Ordering::Acquire) {
            spin_loop();
        }
    }

    pub fn open(&self) {
        self.is_open.store(true, Ordering::Release);
    }
}
