//! Exercise 2, solved: what was read before an await is a memory. Look again,
//! and let no await stand between looking and writing.

use std::cell::Cell;

/// Withdraws the amount once the bank has confirmed, if there is enough.
/// Returns whether it did.
pub async fn withdraw(
    balance: &Cell<u64>,
    amount: u64,
    confirmation: impl Future<Output = bool>,
) -> bool {
    if !confirmation.await {
        return false;
    }
    match balance.get().checked_sub(amount) {
        Some(left) => {
            balance.set(left);
            true
        }
        None => false,
    }
}
