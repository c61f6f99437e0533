//! Exercise: who counts as dead. A solution: what bears an old number does not
//! count, and is not a sign of life either.

use std::collections::HashMap;

/// What is known of the hosts.
#[derive(Default)]
pub struct Watch {
    timeout_ms: u64,
    /// By piece of work: its epoch, and when it was last heard of.
    pieces: HashMap<u32, (u32, u64)>,
    total: u64,
}

impl Watch {
    /// Nobody yet.
    pub fn new(timeout_ms: u64) -> Watch {
        Watch { timeout_ms, ..Watch::default() }
    }

    /// Gives a piece of work to a host: the epoch it has to name.
    pub fn give(&mut self, piece: u32, now_ms: u64) -> u32 {
        let known = self.pieces.entry(piece).or_default();
        *known = (known.0 + 1, now_ms);
        known.0
    }

    /// Pieces of which nobody has been heard for too long.
    pub fn silent(&self, now_ms: u64) -> Vec<u32> {
        let is_silent = |last: u64| now_ms - last > self.timeout_ms;
        let silent = self.pieces.iter().filter(|(_, known)| is_silent(known.1));
        silent.map(|(piece, _)| *piece).collect()
    }

    /// A result: it is added, if it counts.
    pub fn take(&mut self, piece: u32, epoch: u32, result: u64, now_ms: u64) {
        let Some(known) = self.pieces.get_mut(&piece) else { return };
        if known.0 == epoch {
            known.1 = now_ms;
            self.total += result;
        }
    }

    /// The sum of what counts.
    pub fn total(&self) -> u64 {
        self.total
    }
}
