//! Exercise: a clock that never goes back.
//!
//! Hosts stamp their messages by their own clocks, which are wrong by any
//! amount. An answer that is stamped earlier than its question is a mistake in
//! the log. Change `Clock` into Lamport's: who hears of a time goes on from
//! there, so that an effect is always stamped later than its cause, whatever
//! the clock on the wall says.

/// A host's clock.
#[derive(Default)]
pub struct Clock {
    last: u64,
}

impl Clock {
    /// The stamp of something that happens here. `wall` is what the host's own
    /// clock shows.
    pub fn stamp(&mut self, wall: u64) -> u64 {
        self.last = wall;
        self.last
    }

    /// A message has come that was stamped elsewhere.
    pub fn hear(&mut self, stamp: u64) {
        let _ = stamp;
    }
}
