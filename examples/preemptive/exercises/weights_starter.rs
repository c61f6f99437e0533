//! Exercise 2: threads want one core, and some weigh more than others. Here
//! all of them get the same.

/// Gives each of `ticks` ticks to one of the threads. Returns who ran when, by
/// index. A thread of twice the weight should get twice the ticks, and its
/// neighbors should not have to wait longer than they must.
pub fn schedule(weights: &[u64], ticks: usize) -> Vec<usize> {
    (0..ticks).map(|tick| tick % weights.len()).collect()
}
