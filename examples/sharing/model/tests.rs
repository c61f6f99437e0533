//! Every lock and channel of the chapter in every order the checker knows.

use std::panic::catch_unwind;

use sharing_model::{MODELS, startled};

/// The model of that name.
fn model(name: &str) -> fn() {
    MODELS.iter().find(|model| model.0 == name).expect("a model").2
}

/// What the checker says of a model; nothing when it passes.
fn found(model: fn()) -> Option<String> {
    let said = catch_unwind(|| loom::model(model)).err()?;
    Some(match said.downcast::<String>() {
        Ok(text) => *text,
        Err(other) => (*other.downcast::<&str>().unwrap()).to_owned(),
    })
}

fn is_found(name: &str, says: &str) {
    let found = found(model(name)).expect("a mistake passes in every order");
    assert!(found.contains(says), "{found}");
}

#[test]
fn a_load_and_a_store_are_no_addition() {
    is_found("load_store", "a turn is lost");
}

#[test]
fn a_lock_that_looks_and_then_takes_lets_two_in() {
    is_found("broken_check", "Concurrent write accesses");
}

#[test]
fn a_lock_that_orders_nothing_protects_nothing() {
    is_found("broken_order", "Concurrent write accesses");
}

#[test]
fn a_wake_up_before_the_sleep_is_lost() {
    is_found("broken_wake", "deadlock");
}

#[test]
fn two_locks_in_opposite_orders_deadlock() {
    is_found("deadlock", "deadlock");
}

#[test]
fn our_locks_pass_in_every_order() {
    assert_eq!(found(model("spin")), None);
    assert_eq!(found(model("park")), None);
}

#[test]
fn a_lock_that_sleeps_bears_being_woken_for_no_reason() {
    assert_eq!(found(startled), None);
}

#[test]
fn our_channels_deliver_everything_in_every_order() {
    assert_eq!(found(model("queue")), None);
    assert_eq!(found(model("ring")), None);
}

#[test]
fn a_checker_finds_what_it_is_asked_and_no_more() {
    is_found("two_sections", "overdrawn");
    assert_eq!(found(model("unasked")), None);
}
