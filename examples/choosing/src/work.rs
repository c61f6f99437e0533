//! The work of an item.

use std::hint::black_box;

/// Rust takes some nanoseconds for a step that takes Python tens, so Rust does
/// everything twenty times over.
pub const REPEATS: u32 = 20;

/// The generator of Park and Miller: each step needs the result of the last, so
/// that no compiler can fold it.
pub fn chain(seed: u64, steps: u32) -> u64 {
    let mut end = 0;
    for _ in 0..REPEATS {
        let mut x = black_box(seed);
        for _ in 0..steps {
            x = x * 48_271 % 0x7fff_ffff;
        }
        end = black_box(x);
    }
    end
}
