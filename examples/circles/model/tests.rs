//! Each circle is found, and in none of the cures is there one.

use circles_model::{
    both_full, in_flight, leaves_quietly, leaves_the_party, meets_twice,
    reads_once, reads_recursively, reads_twice, waits_attached, waits_detached,
};
use lab::testing::is_found_in_child;

#[test]
fn a_reader_and_a_writer_are_never_inside_together() {
    reads_once();
}

#[test]
fn who_reads_recursively_goes_before_the_writer_who_waits() {
    reads_recursively();
}

#[test]
fn who_has_no_more_under_way_than_fits_gets_done() {
    in_flight();
}

#[test]
fn a_party_goes_on_without_who_left_it() {
    leaves_the_party();
    meets_twice();
}

#[test]
fn who_detaches_to_wait_closes_no_circle() {
    waits_detached();
}

#[test]
fn a_second_read_lock_waits_for_a_writer_that_waits_for_the_first() {
    is_found_in_child("planted_reads_twice", "deadlock");
}

#[test]
#[ignore = "a mistake, for the test above"]
fn planted_reads_twice() {
    reads_twice();
}

#[test]
fn two_full_channels_are_found() {
    is_found_in_child("planted_both_full", "deadlock");
}

#[test]
#[ignore = "a mistake, for the test above"]
fn planted_both_full() {
    both_full();
}

#[test]
fn who_leaves_quietly_leaves_the_others_waiting() {
    is_found_in_child("planted_leaves_quietly", "deadlock");
}

#[test]
#[ignore = "a mistake, for the test above"]
fn planted_leaves_quietly() {
    leaves_quietly();
}

#[test]
fn who_waits_attached_closes_a_circle() {
    is_found_in_child("planted_waits_attached", "deadlock");
}

#[test]
#[ignore = "a mistake, for the test above"]
fn planted_waits_attached() {
    waits_attached();
}
