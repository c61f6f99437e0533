//! Exercise: a clock that never goes back. A solution: the wall's time where it
//! is later than all that was seen and heard, else one more than that. With the
//! wall in it, this is called a hybrid logical clock.

/// A host's clock.
#[derive(Default)]
pub struct Clock {
    last: u64,
}

impl Clock {
    /// The stamp of something that happens here. `wall` is what the host's own
    /// clock shows.
    pub fn stamp(&mut self, wall: u64) -> u64 {
        self.last = wall.max(self.last + 1);
        self.last
    }

    /// A message has come that was stamped elsewhere.
    pub fn hear(&mut self, stamp: u64) {
        self.last = self.last.max(stamp);
    }
}
