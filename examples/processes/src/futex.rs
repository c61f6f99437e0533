//! Linux's way to sleep on a word of memory, whoever else has it mapped.

use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::handover::Word;

/// A word that may lie in memory shared between processes. The kernel finds
/// those who sleep on it by the page that it lies in, not by its address.
#[derive(Debug, Default)]
#[repr(transparent)]
pub struct Futex(AtomicU32);

impl Word for Futex {
    fn load(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }

    fn store(&self, value: u32) {
        self.0.store(value, Ordering::Release);
    }

    fn swap(&self, value: u32) -> u32 {
        self.0.swap(value, Ordering::AcqRel)
    }

    fn change(&self, from: u32, to: u32) -> bool {
        let (done, failed) = (Ordering::Acquire, Ordering::Relaxed);
        self.0.compare_exchange(from, to, done, failed).is_ok()
    }

    fn sleep(&self, seen: u32) {
        // Without FUTEX_PRIVATE_FLAG, which would mean "this process only".
        let no_limit = ptr::null::<libc::timespec>();
        // SAFETY: futex(2) reads one aligned u32, which lives as long as
        // `self`, and compares it in one step with going to sleep.
        unsafe {
            libc::syscall(
                libc::SYS_futex,
                self.0.as_ptr(),
                libc::FUTEX_WAIT,
                seen,
                no_limit,
            )
        };
    }

    fn wake(&self) {
        // SAFETY: as above; waking touches no memory.
        unsafe {
            libc::syscall(libc::SYS_futex, self.0.as_ptr(), libc::FUTEX_WAKE, 1)
        };
    }
}
