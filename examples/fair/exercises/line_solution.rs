//! Solution: the lock is never free while somebody sleeps. Who leaves hands it
//! to the first, who has it before it is awake. This is what `unlock_fair`
//! does, and why it costs a wake-up each time.

use std::collections::VecDeque;

/// Who is inside, and who sleeps, the longest first.
#[derive(Default)]
pub struct Line {
    inside: Option<u32>,
    asleep: VecDeque<u32>,
}

impl Line {
    /// Somebody comes, or was woken: `true` lets it in, `false` sends it to
    /// sleep.
    pub fn arrive(&mut self, who: u32) -> bool {
        match self.inside {
            None => {
                self.inside = Some(who);
                true
            }
            Some(inside) if inside == who => true, // it was handed over
            Some(_) => {
                self.asleep.push_back(who);
                false
            }
        }
    }

    /// Whoever is inside leaves. Returns whom to wake.
    pub fn leave(&mut self) -> Option<u32> {
        self.inside = self.asleep.pop_front();
        self.inside
    }
}
