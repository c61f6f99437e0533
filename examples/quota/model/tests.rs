//! Nobody is ahead in any order tried, or loom finds one in which somebody is,
//! or waits for good.

use lab::testing::is_found_in_child;
use quota_model::{WAYS, counts_too_late, nobody_is_ahead, opens_unlocked};

#[test]
fn nobody_is_ahead_whichever_way_one_waits() {
    for way in WAYS {
        nobody_is_ahead(way);
    }
}

#[test]
fn who_counts_anew_after_opening_lets_one_go_ahead() {
    is_found_in_child("planted_counts_too_late", "before the other came");
}

#[test]
#[ignore = "a mistake, for the test above"]
fn planted_counts_too_late() {
    counts_too_late();
}

#[test]
fn who_opens_without_the_lock_wakes_nobody_who_is_about_to_sleep() {
    is_found_in_child("planted_opens_unlocked", "deadlock");
}

#[test]
#[ignore = "a mistake, for the test above"]
fn planted_opens_unlocked() {
    opens_unlocked();
}
