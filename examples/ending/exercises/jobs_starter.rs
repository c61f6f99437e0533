//! A worker that takes jobs from a channel. When the program is to end, it
//! still does all that are in line.

use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Receiver;

/// Does jobs until the program is to end. Returns those that were not begun,
/// for whoever starts it the next time.
pub fn work(
    jobs: &Receiver<u32>,
    _closing: &AtomicBool,
    mut do_one: impl FnMut(u32),
) -> Vec<u32> {
    for job in jobs {
        do_one(job);
    }
    Vec::new()
}
