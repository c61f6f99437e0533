//! No wake-up is lost, and each planted bug loses one.

use event_loop_model::{
    Begin, asks_first, loop_and_waker, stores_the_mark, two_wakers,
};
use lab::testing::is_found;

#[test]
fn no_wake_up_is_lost_in_any_order() {
    loop_and_waker(Begin::BeforePolling);
}

#[test]
fn wakers_on_two_threads_wake_a_task_once_or_twice_and_never_not() {
    two_wakers();
}

/// Loom must find an order in which the loop sleeps and nobody will ring.
fn loses_a_wake_up(model: fn()) {
    is_found(model, "deadlock");
}

#[test]
fn a_ticket_that_is_freed_after_polling_loses_a_wake_up() {
    loses_a_wake_up(|| loop_and_waker(Begin::AfterPolling));
}

#[test]
fn a_loop_that_asks_first_and_then_sleeps_loses_a_wake_up() {
    loses_a_wake_up(asks_first);
}

#[test]
fn a_mark_that_is_taken_off_by_a_store_loses_a_wake_up() {
    loses_a_wake_up(stores_the_mark);
}
