//! Five litmus tests: programs of a few steps on two numbers, each with an
//! outcome that no interleaving of its steps gives.

use std::sync::atomic::Ordering::{self, Acquire, Relaxed, Release, SeqCst};

use crate::sync::{AtomicU32, fence};

// ANCHOR: orders
/// By which orderings a program stores and loads, and what stands in between.
pub trait Orders {
    /// Of its stores.
    const STORE: Ordering = Relaxed;
    /// Of its loads.
    const LOAD: Ordering = Relaxed;
    /// Between one step and the next.
    fn between() {}
}

/// `Relaxed` everywhere.
pub struct AllRelaxed;
impl Orders for AllRelaxed {}

/// `Release` for stores, `Acquire` for loads.
pub struct ReleaseAcquire;
impl Orders for ReleaseAcquire {
    const STORE: Ordering = Release;
    const LOAD: Ordering = Acquire;
}

/// `SeqCst` everywhere.
pub struct AllSeqCst;
impl Orders for AllSeqCst {
    const STORE: Ordering = SeqCst;
    const LOAD: Ordering = SeqCst;
}

/// `Relaxed` everywhere, and a fence.
pub struct Fenced;
impl Orders for Fenced {
    fn between() {
        fence(SeqCst);
    }
}
// ANCHOR_END: orders

/// A program. Its reads are numbered, and one that saw 1 is a bit.
pub trait Litmus {
    /// How many threads it has.
    const THREADS: usize;
    /// How many reads.
    const READS: u32;
    /// What the reads make if the outcome is one that no interleaving gives.
    const WEAK: u32;
    /// Does what thread `i` does, and returns its reads.
    fn act<O: Orders>(i: usize, x: &AtomicU32, y: &AtomicU32) -> u32;
}

fn put<O: Orders>(number: &AtomicU32) -> u32 {
    number.store(1, O::STORE);
    0
}

/// Reads, as the read of that number.
fn get<O: Orders>(number: &AtomicU32, read: u32) -> u32 {
    number.load(O::LOAD) << read
}

/// One step, what stands between, and another.
fn steps<O: Orders>(
    first: impl FnOnce() -> u32,
    second: impl FnOnce() -> u32,
) -> u32 {
    let seen = first();
    O::between();
    seen | second()
}

// ANCHOR: programs
/// Each stores, then reads what the other stores. Do both miss it?
pub struct StoreBuffering;
impl Litmus for StoreBuffering {
    const THREADS: usize = 2;
    const READS: u32 = 2;
    const WEAK: u32 = 0b00;
    fn act<O: Orders>(i: usize, x: &AtomicU32, y: &AtomicU32) -> u32 {
        match i {
            0 => steps::<O>(|| put::<O>(x), || get::<O>(y, 0)),
            _ => steps::<O>(|| put::<O>(y), || get::<O>(x, 1)),
        }
    }
}

/// One stores a message and then a flag. Is the flag seen without the message?
pub struct MessagePassing;
impl Litmus for MessagePassing {
    const THREADS: usize = 2;
    const READS: u32 = 2;
    const WEAK: u32 = 0b01;
    fn act<O: Orders>(i: usize, x: &AtomicU32, y: &AtomicU32) -> u32 {
        match i {
            0 => steps::<O>(|| put::<O>(x), || put::<O>(y)),
            _ => steps::<O>(|| get::<O>(y, 0), || get::<O>(x, 1)),
        }
    }
}
// ANCHOR_END: programs

/// Each reads what the other stores afterwards. Do both see it?
pub struct LoadBuffering;
impl Litmus for LoadBuffering {
    const THREADS: usize = 2;
    const READS: u32 = 2;
    const WEAK: u32 = 0b11;
    fn act<O: Orders>(i: usize, x: &AtomicU32, y: &AtomicU32) -> u32 {
        match i {
            0 => steps::<O>(|| get::<O>(x, 0), || put::<O>(y)),
            _ => steps::<O>(|| get::<O>(y, 1), || put::<O>(x)),
        }
    }
}

/// Two store, each its number; two read both. Do these disagree on which store
/// came first?
pub struct IndependentReaders;
impl Litmus for IndependentReaders {
    const THREADS: usize = 4;
    const READS: u32 = 4;
    const WEAK: u32 = 0b0101;
    fn act<O: Orders>(i: usize, x: &AtomicU32, y: &AtomicU32) -> u32 {
        match i {
            0 => put::<O>(x),
            1 => put::<O>(y),
            2 => steps::<O>(|| get::<O>(x, 0), || get::<O>(y, 1)),
            _ => steps::<O>(|| get::<O>(y, 2), || get::<O>(x, 3)),
        }
    }
}

/// One stores, the other reads the same number twice. Does it see the new value
/// and then the old?
pub struct Coherence;
impl Litmus for Coherence {
    const THREADS: usize = 2;
    const READS: u32 = 2;
    const WEAK: u32 = 0b01;
    fn act<O: Orders>(i: usize, x: &AtomicU32, _: &AtomicU32) -> u32 {
        match i {
            0 => put::<O>(x),
            _ => steps::<O>(|| get::<O>(x, 0), || get::<O>(x, 1)),
        }
    }
}
