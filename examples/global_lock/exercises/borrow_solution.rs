//! Exercise 3, solved. A borrow is a reference that nobody counts: the compiler
//! has checked that the object outlives it. CPython 3.14 does the same where
//! its compiler can tell.

use std::ops::Deref;
use std::thread;

/// Counts to the bound in each of two threads; returns what both counted.
pub fn count_twice<R>(bound: &R) -> u64
where
    R: Clone + Deref<Target = u64> + Sync,
{
    let bound: &u64 = bound;
    let count = || {
        let mut i = 0;
        while i < *bound {
            i += 1;
        }
        i
    };
    thread::scope(|scope| {
        let other = scope.spawn(count);
        count() + other.join().unwrap()
    })
}
