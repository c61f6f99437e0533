//! Solution: what is lent is the priority with which the other would run, and
//! that may be lent itself. A circle of waiting threads would never end here;
//! the kernel walks the same chain, and stops at a deadlock.

/// With which priority thread `i` runs.
pub fn priority(i: usize, own: &[u8], waits_for: &[Option<usize>]) -> u8 {
    let mut most = own[i];
    for (other, holder) in waits_for.iter().enumerate() {
        if *holder == Some(i) {
            most = most.max(priority(other, own, waits_for));
        }
    }
    most
}
