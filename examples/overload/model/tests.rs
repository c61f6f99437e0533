//! The limit lets in as many as may be, and the planted bug is found.

use lab::testing::is_found;
use overload_model::{as_it_is, in_two_steps};

#[test]
fn no_order_lets_in_more_than_may_be() {
    as_it_is();
}

#[test]
fn who_looks_first_and_counts_afterwards_lets_in_too_many() {
    is_found(in_two_steps, "more in flight than may be");
}
