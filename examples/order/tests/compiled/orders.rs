//! What does the compiler make of it? `assembly.rs` compiles this file and
//! compares what comes out with the listing beside it.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::*};

// ANCHOR: hoisted
/// Asks a plain flag again and again, and so does not.
#[unsafe(no_mangle)]
pub fn wait_plain(ready: &bool) {
    while !*ready {}
}

/// Asks a flag that another thread may change.
#[unsafe(no_mangle)]
pub fn wait_relaxed(ready: &AtomicBool) {
    while !ready.load(Relaxed) {}
}
// ANCHOR_END: hoisted

// ANCHOR: moved
/// Says that it is ready between two stores.
#[unsafe(no_mangle)]
pub fn ready_relaxed(data: &mut u32, ready: &AtomicBool) {
    *data = 1;
    ready.store(true, Relaxed);
    *data = 2;
}

/// The same by Release: the first store must be there by then.
#[unsafe(no_mangle)]
pub fn ready_release(data: &mut u32, ready: &AtomicBool) {
    *data = 1;
    ready.store(true, Release);
    *data = 2;
}
// ANCHOR_END: moved

/// Two stores, one after the other.
#[unsafe(no_mangle)]
pub fn twice_relaxed(number: &AtomicU32) {
    number.store(1, Relaxed);
    number.store(2, Relaxed);
}

// ANCHOR: store
#[unsafe(no_mangle)]
pub fn store_relaxed(number: &AtomicU32) {
    number.store(1, Relaxed);
}

#[unsafe(no_mangle)]
pub fn store_release(number: &AtomicU32) {
    number.store(1, Release);
}

#[unsafe(no_mangle)]
pub fn store_seqcst(number: &AtomicU32) {
    number.store(1, SeqCst);
}
// ANCHOR_END: store

#[unsafe(no_mangle)]
pub fn load_relaxed(number: &AtomicU32) -> u32 {
    number.load(Relaxed)
}

#[unsafe(no_mangle)]
pub fn load_seqcst(number: &AtomicU32) -> u32 {
    number.load(SeqCst)
}

#[unsafe(no_mangle)]
pub fn add_relaxed(number: &AtomicU32) {
    number.fetch_add(1, Relaxed);
}

#[unsafe(no_mangle)]
pub fn add_seqcst(number: &AtomicU32) {
    number.fetch_add(1, SeqCst);
}
