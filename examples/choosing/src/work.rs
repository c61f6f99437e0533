//! The work of an item: half of its CPU, its wait, the other half.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use cost::Row;

/// Rust takes some nanoseconds for a step that takes Python tens, so Rust does
/// everything twenty times over.
pub const REPEATS: u32 = 20;

/// The generator of Park and Miller: each step needs the result of the last, so
/// that no compiler can fold it.
pub fn chain(seed: u64, steps: u32) -> u64 {
    (0..REPEATS).fold(seed, |_, _| black_box(once(black_box(seed), steps)))
}

fn once(seed: u64, steps: u32) -> u64 {
    (0..steps).fold(seed, |x, _| x * 48_271 % 0x7fff_ffff)
}

/// A job that is about to run.
#[derive(Clone, Debug)]
pub struct Work {
    /// How many items.
    pub items: u64,
    /// Steps before the wait, and as many after it.
    pub half: u32,
    /// How long an item waits.
    pub wait: Duration,
    /// How many may be under way.
    pub at_once: usize,
    /// How many workers a model has that has one for each core: no more than
    /// may be under way.
    pub cores: usize,
    /// What goes into each item.
    pub input: Arc<[u8]>,
    /// How much comes out of each.
    pub bytes_out: usize,
}

impl Work {
    /// The work of a job that was drawn.
    pub fn of(row: &Row, cores: usize) -> Work {
        Work {
            items: u64::from(row.items),
            half: row.steps / 2,
            wait: Duration::from_micros(u64::from(row.wait_us)),
            at_once: row.at_once as usize,
            cores: cores.min(row.at_once as usize),
            input: vec![b'x'; row.bytes_in as usize].into(),
            bytes_out: row.bytes_out as usize,
        }
    }

    /// So many items with nothing to do, one at a time.
    pub fn nothing(items: u64, cores: usize) -> Work {
        let (input, wait) = (Vec::new().into(), Duration::ZERO);
        Work { items, half: 0, wait, at_once: 1, cores, input, bytes_out: 0 }
    }

    /// The answer: what all items add up to.
    pub fn sum(&self) -> u64 {
        let (given, out) = (self.input.len() as u64, self.bytes_out as u64);
        (1..=self.items).map(|i| once(i + given, 2 * self.half) + out).sum()
    }

    /// The first half of item `i`, which was given so many bytes.
    pub fn begin(&self, i: u64, given: usize) -> u64 {
        chain(i + 1 + given as u64, self.half)
    }

    /// The other half, and what comes out of it.
    pub fn finish(&self, x: u64) -> (u64, Vec<u8>) {
        (chain(x, self.half), black_box(vec![b'x'; self.bytes_out]))
    }

    /// What an item adds to the answer, which has to have all its bytes.
    pub fn answer(&self, (x, out): (u64, Vec<u8>)) -> u64 {
        x + out.len() as u64
    }
}
