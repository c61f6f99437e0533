//! Exercise 3: two threads read one shared bound, and each step counts a
//! reference to it up and down. With an `Arc` they slow each other down. The
//! answer must stay, the counting must not.

use std::ops::Deref;
use std::thread;

/// Counts to the bound in each of two threads; returns what both counted.
pub fn count_twice<R>(bound: &R) -> u64
where
    R: Clone + Deref<Target = u64> + Sync,
{
    let count = || {
        let mut i = 0;
        while i < *bound.clone() {
            i += 1;
        }
        i
    };
    thread::scope(|scope| {
        let other = scope.spawn(count);
        count() + other.join().unwrap()
    })
}
