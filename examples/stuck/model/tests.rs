//! Pools get done in every order tried, or loom finds one in which they do not.

use lab::testing::is_found_in_child;
use stuck_model::{
    helps_and_misses_the_end, helps_beside_another, helps_in_its_own_thread,
    refuses_neither, refuses_one_of_two, two_wait_for_each_others_threads,
    waits_for_its_own_thread, waits_with_a_thread_to_spare,
};

#[test]
fn a_job_may_wait_where_there_is_a_thread_for_the_other() {
    waits_with_a_thread_to_spare();
}

#[test]
fn a_job_that_waits_for_its_own_thread_waits_forever() {
    is_found_in_child("planted_own_thread", "deadlock");
}

#[test]
#[ignore = "a mistake, for the test above"]
fn planted_own_thread() {
    waits_for_its_own_thread();
}

#[test]
fn two_that_are_taken_first_wait_for_each_others_threads() {
    is_found_in_child("planted_each_others", "deadlock");
}

#[test]
#[ignore = "a mistake, for the test above"]
fn planted_each_others() {
    two_wait_for_each_others_threads();
}

#[test]
fn who_helps_gets_done_in_any_order_on_one_thread_and_within_a_bound_on_two() {
    helps_in_its_own_thread();
    helps_beside_another();
}

#[test]
fn who_looks_in_one_turn_and_sleeps_in_another_misses_the_end() {
    is_found_in_child("planted_looks_first", "deadlock");
}

#[test]
#[ignore = "a mistake, for the test above"]
fn planted_looks_first() {
    helps_and_misses_the_end();
}

#[test]
fn of_two_in_opposite_orders_one_is_refused_whoever_comes_first() {
    refuses_one_of_two();
}

#[test]
fn who_asks_in_one_turn_and_notes_in_another_refuses_neither() {
    is_found_in_child("planted_two_turns", "deadlock");
}

#[test]
#[ignore = "a mistake, for the test above"]
fn planted_two_turns() {
    refuses_neither();
}
