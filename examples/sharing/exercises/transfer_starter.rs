//! Exercise 2: money goes from one account to another, under both locks. Two
//! transfers in opposite directions wait for each other.

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
    let mut from = from.balance.lock().unwrap();
    let mut to = to.balance.lock().unwrap();
    *from -= amount;
    *to += amount;
}
