//! The ticket lock loses nothing, and each planted bug is found.

use fair_model::{a_turn_each, no_order, same_number, two_turns_each};
use lab::testing::is_found;

#[test]
fn two_threads_have_their_turns_one_after_the_other() {
    a_turn_each();
}

#[test]
fn a_thread_that_comes_again_loses_nothing_either() {
    two_turns_each();
}

#[test]
fn a_number_that_is_taken_in_two_steps_is_had_by_two() {
    is_found(same_number, "Concurrent write accesses");
}

#[test]
fn a_call_that_orders_nothing_protects_nothing() {
    is_found(no_order, "Concurrent write accesses");
}
