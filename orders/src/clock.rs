//! What each thread can know of the others: how many of their steps came before, by what the
//! language promises.

use std::sync::atomic::Ordering;

/// So many steps of each thread.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Clock(Vec<u32>);

impl Clock {
    /// One step more of this thread.
    pub fn tick(&mut self, lane: usize) {
        self.grow(lane + 1);
        self.0[lane] += 1;
    }

    /// Knows from now on what the other knows, too.
    pub fn join(&mut self, other: &Clock) {
        self.grow(other.0.len());
        for (ours, theirs) in self.0.iter_mut().zip(&other.0) {
            *ours = (*ours).max(*theirs);
        }
    }

    /// Whether all of this is known to the other.
    pub fn is_known_to(&self, other: &Clock) -> bool {
        self.0.iter().enumerate().all(|(i, ours)| other.0.get(i).unwrap_or(&0) >= ours)
    }

    fn grow(&mut self, lanes: usize) {
        self.0.resize(self.0.len().max(lanes), 0);
    }
}

/// Whether a read with this ordering sees what came before the write.
pub fn acquires(order: Ordering) -> bool {
    matches!(order, Ordering::Acquire | Ordering::AcqRel | Ordering::SeqCst)
}

/// Whether a write with this ordering shows what came before it.
pub fn releases(order: Ordering) -> bool {
    matches!(order, Ordering::Release | Ordering::AcqRel | Ordering::SeqCst)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_told_is_not_known() {
        let (mut one, mut other) = (Clock::default(), Clock::default());
        one.tick(0);
        other.tick(1);
        assert!(!one.is_known_to(&other));
        other.join(&one);
        assert!(one.is_known_to(&other));
        assert!(!other.is_known_to(&one));
    }
}
