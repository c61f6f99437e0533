//! Exercise 2: nobody may withdraw more than there is. Each line is right, it
//! all runs on one thread, and two tasks can still overdraw the account.

use std::cell::Cell;

/// Withdraws the amount once the bank has confirmed, if there is enough.
/// Returns whether it did.
pub async fn withdraw(
    balance: &Cell<u64>,
    amount: u64,
    confirmation: impl Future<Output = bool>,
) -> bool {
    let read = balance.get();
    if read < amount || !confirmation.await {
        return false;
    }
    balance.set(read - amount);
    true
}
