//! What the page on more threads than one is allowed shares: a control group
//! with a quota, work to do, and a barrier at which one can wait in four ways.

pub mod barrier;
pub mod cgroup;
mod sync;

use std::hint::black_box;

/// Work of about a microsecond for each of `steps`.
pub fn work(steps: u64) -> u64 {
    let mut x = black_box(7);
    for _ in 0..steps {
        x = step(x);
    }
    x
}

/// One step of it. Each needs the one before.
#[inline]
pub fn step(mut x: u64) -> u64 {
    for _ in 0..300 {
        x = x * 48_271 % 0x7fff_ffff;
    }
    x
}
