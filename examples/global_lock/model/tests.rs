//! The global lock passes in every order, and each planted bug is found.

use global_lock_model::sound;
use lab::testing::is_found_in_child;

#[test]
fn turns_do_not_overlap_and_no_wake_up_is_lost() {
    sound::turns(0);
}

#[test]
fn a_time_out_at_any_moment_changes_nothing() {
    sound::turns(1);
}

#[test]
fn whoever_asks_gets_the_next_turn() {
    sound::giving_way();
}

/// The checks of locks with a planted bug, which must fail: each in a process
/// of its own, since loom, when it finds a deadlock, takes the process down.
macro_rules! planted {
    ($($name:ident)*) => {$(
        mod $name {
            use global_lock_model::$name::{giving_way, turns};

            #[test]
            #[ignore = "fails, as it should"]
            fn check_turns() {
                turns(0);
                turns(1);
            }

            #[test]
            #[ignore = "fails, as it should"]
            fn check_giving_way() {
                giving_way();
            }
        }
    )*};
}

planted!(lost_wake_up no_second_look no_forced_switch silent_taker asked_for_ever);

#[test]
fn a_lock_that_is_let_go_in_silence_is_found() {
    is_found_in_child("lost_wake_up::check_turns", "deadlock");
}

#[test]
fn a_waiter_that_does_not_look_again_is_found() {
    is_found_in_child("no_second_look::check_turns", "lost a turn");
}

#[test]
fn giving_way_without_waiting_for_the_other_is_found() {
    is_found_in_child(
        "no_forced_switch::check_giving_way",
        "back before the other",
    );
}

#[test]
fn a_turn_taken_in_silence_is_found() {
    is_found_in_child("silent_taker::check_giving_way", "deadlock");
}

#[test]
fn a_question_that_is_not_taken_back_is_found() {
    is_found_in_child("asked_for_ever::check_giving_way", "deadlock");
}
