//! What the checker finds of the litmus tests, which differs from what the
//! language allows; and both stacks, in every order that it knows.

use lab::testing::is_found;
use order_model::litmus::{
    AllRelaxed, AllSeqCst, Coherence, Fenced, IndependentReaders, Litmus,
    LoadBuffering, MessagePassing, ReleaseAcquire, StoreBuffering,
};
use order_model::{
    is_weak, many_steps, many_steps_allowed, planted, spins_and_says_so,
    spins_silently, tagged, untagged,
};

/// Whether it finds the outcome by Relaxed, by Release and Acquire, by SeqCst,
/// and with a fence.
fn found<L: Litmus + 'static>() -> [bool; 4] {
    [
        is_weak::<L, AllRelaxed>(),
        is_weak::<L, ReleaseAcquire>(),
        is_weak::<L, AllSeqCst>(),
        is_weak::<L, Fenced>(),
    ]
}

/// The page has this as a table. The language forbids the third of these.
#[test]
fn store_buffering_is_found_and_by_seqcst_although_it_is_forbidden() {
    assert_eq!(found::<StoreBuffering>(), [true, true, true, false]);
}

#[test]
fn message_passing_is_found_by_relaxed_alone() {
    assert_eq!(found::<MessagePassing>(), [true, false, false, false]);
}

/// The language allows the first of these.
#[test]
fn load_buffering_is_never_found() {
    assert_eq!(found::<LoadBuffering>(), [false; 4]);
}

/// The language forbids the third of these.
#[test]
fn independent_readers_are_found_and_by_seqcst_although_it_is_forbidden() {
    assert_eq!(found::<IndependentReaders>(), [true, true, true, false]);
}

#[test]
fn nobody_reads_one_number_backwards() {
    assert_eq!(found::<Coherence>(), [false; 4]);
}

#[test]
fn a_slot_that_comes_back_is_given_to_two_unless_a_tag_tells() {
    is_found(untagged, "a slot is given to two");
    tagged();
}

#[test]
fn a_stack_with_either_ordering_weakened_is_found() {
    is_found(planted::look_relaxed::slots, "a slot is given to two");
    is_found(planted::put_back_relaxed::slots, "a slot is given to two");
}

#[test]
fn a_loop_that_does_not_say_that_it_waits_exceeds_the_branches() {
    is_found(spins_silently, "exceeded maximum number of branches");
    spins_and_says_so();
}

#[test]
fn a_long_program_exceeds_them_too_unless_it_may() {
    is_found(many_steps, "exceeded maximum number of branches");
    many_steps_allowed();
}
