//! Exercise 2, solved. Whoever goes where, the lower number is locked first, so
//! no two transfers can wait for each other in a circle.

use super::sync::Mutex;

/// An account with a number of its own.
pub struct Account {
    /// No two accounts have the same.
    pub number: u32,
    /// What is in it.
    pub balance: Mutex<i64>,
}

/// Moves the amount, so that nobody ever sees it in both or in neither.
pub fn transfer(from: &Account, to: &Account, amount: i64) {
    if from.number == to.number {
        return; // its lock cannot be had twice
    }
    let (low, high, amount) = if from.number < to.number {
        (from, to, amount)
    } else {
        (to, from, -amount)
    };
    let mut low = low.balance.lock().unwrap();
    let mut high = high.balance.lock().unwrap();
    *low -= amount;
    *high += amount;
}
