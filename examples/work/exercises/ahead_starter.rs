//! Exercise 2: a job that waits and computes by turns, and does one of them at
//! a time.

/// Fetches answer after answer and computes with each. While it computes with
/// one, the next should be on its way.
pub fn all<A: Send, B>(
    jobs: usize,
    fetch: impl Fn(usize) -> A + Sync,
    compute: impl FnMut(A) -> B,
) -> Vec<B> {
    (0..jobs).map(fetch).map(compute).collect()
}
