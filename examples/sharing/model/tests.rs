//! Every lock and channel of the chapter in every order the checker knows.

use lab::testing::is_found;
use sharing_model::{MODELS, planted, startled};

/// The model of that name.
fn model(name: &str) -> fn() {
    MODELS.iter().find(|model| model.0 == name).expect("a model").2
}

fn finds(name: &str, reason: &str) {
    is_found(|| loom::model(model(name)), reason);
}

#[test]
fn a_load_and_a_store_are_no_addition() {
    finds("load_store", "a turn is lost");
}

#[test]
fn a_lock_that_looks_and_then_takes_lets_two_in() {
    finds("broken_check", "Concurrent write accesses");
}

#[test]
fn a_lock_that_orders_nothing_protects_nothing() {
    finds("broken_order", "Concurrent write accesses");
}

#[test]
fn a_wake_up_before_the_sleep_is_lost() {
    finds("broken_wake", "deadlock");
}

#[test]
fn two_locks_in_opposite_orders_deadlock() {
    finds("deadlock", "deadlock");
}

#[test]
fn our_locks_pass_in_every_order() {
    loom::model(model("spin"));
    loom::model(model("park"));
    loom::model(model("park_as_printed"));
}

#[test]
fn a_lock_that_sleeps_bears_being_woken_for_no_reason() {
    loom::model(startled);
}

#[test]
fn a_lock_that_sleeps_with_any_ordering_weakened_is_found() {
    let unordered = "Causality violation";
    is_found(|| loom::model(planted::take_relaxed::turns), unordered);
    is_found(|| loom::model(planted::let_go_relaxed::turns), unordered);
    is_found(|| loom::model(planted::wanted_relaxed::turns), unordered);
}

#[test]
fn who_stays_on_the_list_is_found_only_if_somebody_is_woken_for_no_reason() {
    loom::model(planted::stays_listed::turns);
    is_found(|| loom::model(planted::stays_listed::startled), "deadlock");
}

#[test]
fn our_channels_deliver_everything_in_every_order() {
    loom::model(model("queue"));
    loom::model(model("ring"));
}

#[test]
fn a_checker_finds_what_it_is_asked_and_no_more() {
    finds("two_sections", "overdrawn");
    loom::model(model("unasked"));
}
