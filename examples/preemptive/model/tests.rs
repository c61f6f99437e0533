//! The accounts are seen whole where both sides lock, and nowhere else.

use lab::testing::is_found;
use preemptive_model::look;

#[test]
fn a_locked_pair_is_seen_whole_wherever_its_mover_is_stopped() {
    look(true, true);
}

/// The planted bugs: loom must find an order that shows the coin.
fn is_seen(mover_locks: bool, auditor_locks: bool) {
    let check = || look(mover_locks, auditor_locks);
    is_found(check, "a coin is on its way");
}

#[test]
fn without_a_lock_some_order_shows_a_coin_on_its_way() {
    is_seen(false, false);
}

#[test]
fn a_lock_that_only_the_mover_takes_hides_nothing() {
    is_seen(true, false);
}

#[test]
fn a_lock_that_only_the_auditor_takes_hides_nothing() {
    is_seen(false, true);
}
