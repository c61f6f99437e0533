//! The lock and the baton pass, and each planted mistake is found: in a process
//! of its own, since loom cannot always unwind what it has stopped in mid-step.

use lab::testing::is_found_in_child;
use processes_model::handover::Baton;
use processes_model::{
    count, looks_once, properly, round_trip, takes_in_two_steps, wakes_first,
};

#[test]
fn two_flows_never_hold_the_lock_together_and_none_sleeps_for_ever() {
    count(None, 2, properly);
}

#[test]
fn nor_do_three() {
    count(Some(2), 3, properly);
}

#[test]
fn waking_before_letting_go_is_caught() {
    is_found_in_child("planted_wakes_first", "deadlock");
}

#[test]
#[ignore = "a mistake, for the test above"]
fn planted_wakes_first() {
    count(None, 2, wakes_first);
}

#[test]
fn looking_and_then_taking_in_two_steps_is_caught() {
    is_found_in_child("planted_takes_in_two_steps", "Causality violation");
}

#[test]
#[ignore = "a mistake, for the test above"]
fn planted_takes_in_two_steps() {
    count(None, 2, takes_in_two_steps);
}

#[test]
fn a_passed_baton_wakes_the_other_and_brings_the_message() {
    round_trip(Baton::wait_for);
}

#[test]
fn falling_asleep_without_a_second_look_is_caught() {
    is_found_in_child("planted_looks_once", "deadlock");
}

#[test]
#[ignore = "a mistake, for the test above"]
fn planted_looks_once() {
    round_trip(looks_once);
}
