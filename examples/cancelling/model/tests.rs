//! Nothing is lost, and each planted bug loses something.

use cancelling_model::{
    canceled_for_all, given_up, given_up_and_forgotten, stopped_in_between,
    stopped_while_it_ends, stopped_while_it_waits,
};
use lab::testing::is_found_in_child;

#[test]
fn who_waits_is_stopped_in_any_order() {
    stopped_while_it_waits();
}

#[test]
fn who_is_stopped_at_its_end_ends_once() {
    stopped_while_it_ends();
}

#[test]
fn a_canceled_token_is_told_to_all_who_wait_for_it() {
    canceled_for_all();
}

#[test]
fn a_permit_goes_to_the_next_when_who_was_called_has_gone() {
    given_up();
}

#[test]
fn a_semaphore_that_forgets_who_was_called_is_dead() {
    is_found_in_child("planted_forgets", "deadlock");
}

#[test]
#[ignore = "a mistake, for the test above"]
fn planted_forgets() {
    given_up_and_forgotten();
}

#[test]
fn a_future_that_asks_before_it_can_be_woken_waits_forever() {
    is_found_in_child("planted_asks_first", "deadlock");
}

#[test]
#[ignore = "a mistake, for the test above"]
fn planted_asks_first() {
    stopped_in_between();
}
