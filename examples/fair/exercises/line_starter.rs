//! Exercise: who is next?
//!
//! A lock's line, without the threads. Who comes while somebody is inside
//! stands in line and sleeps. Who leaves wakes the first, who then arrives once
//! more. As it is here, somebody who comes in between, quicker than a thread
//! wakes up, is let in before. Change it so that nobody passes.

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
        if self.inside.is_none() {
            self.inside = Some(who);
            return true;
        }
        self.asleep.push_back(who);
        false
    }

    /// Whoever is inside leaves. Returns whom to wake.
    pub fn leave(&mut self) -> Option<u32> {
        self.inside = None;
        self.asleep.pop_front()
    }
}
