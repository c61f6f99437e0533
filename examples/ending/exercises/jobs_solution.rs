//! A worker that takes jobs from a channel. Between two of them it looks
//! whether the program is to end, and gives the others back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;

/// Does jobs until the program is to end. Returns those that were not begun,
/// for whoever starts it the next time.
pub fn work(
    jobs: &Receiver<u32>,
    closing: &AtomicBool,
    mut do_one: impl FnMut(u32),
) -> Vec<u32> {
    for job in jobs {
        do_one(job);
        if closing.load(Ordering::Relaxed) {
            break;
        }
    }
    jobs.try_iter().collect()
}
