//! Exercise 1: a long sum should give way after every thousand numbers. This
//! one keeps everybody waiting until it is done.

use std::pin::Pin;

/// Lets the other tasks run.
pub type GiveWay<'a> = &'a dyn Fn() -> Pin<Box<dyn Future<Output = ()>>>;

/// The sum of all numbers.
pub async fn sum(numbers: &[u64], give_way: GiveWay<'_>) -> u64 {
    let _ = give_way; // to be called, and awaited
    numbers.iter().sum()
}
