//! Exercise: lend it on.
//!
//! Thread `i` has the priority `own[i]`, and waits for a lock that thread
//! `waits_for[i]` holds, if for any. A holder has the priority of the highest
//! who waits for it. Here it gets that of who waits for it directly. But who
//! waits for it may itself be waited for, and then the highest is still stuck
//! behind the lowest. Lend the priority on.

/// With which priority thread `i` runs.
pub fn priority(i: usize, own: &[u8], waits_for: &[Option<usize>]) -> u8 {
    let mut most = own[i];
    for (other, holder) in waits_for.iter().enumerate() {
        if *holder == Some(i) {
            most = most.max(own[other]);
        }
    }
    most
}
