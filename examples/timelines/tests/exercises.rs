//! Every starter fails its test, every solution passes it. Nothing here
//! depends on time.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub)]

use lab::testing::fails;

#[path = "../exercises/gaps_solution.rs"]
mod gaps_solution;
#[allow(dead_code)] // that a reading has it is a hint
#[path = "../exercises/gaps_starter.rs"]
mod gaps_starter;
#[path = "../exercises/overlap_solution.rs"]
mod overlap_solution;
#[path = "../exercises/overlap_starter.rs"]
mod overlap_starter;
#[path = "../exercises/turns_solution.rs"]
mod turns_solution;
#[path = "../exercises/turns_starter.rs"]
mod turns_starter;

macro_rules! overlap {
    ($exercise:ident) => {
        || {
            use $exercise::overlap;
            let one_core = [vec![(0, 4), (8, 12)], vec![(4, 8), (12, 16)]];
            assert_eq!(overlap(&one_core), 0.0, "they take turns");
            let two_cores = [vec![(0, 16)], vec![(0, 16)]];
            assert_eq!(overlap(&two_cores), 1.0);
            let half = [vec![(0, 8), (12, 16)], vec![(4, 12)], vec![]];
            assert_eq!(overlap(&half), 0.25);
        }
    };
}

#[test]
fn lanes_that_take_turns_do_not_overlap() {
    fails(overlap!(overlap_starter));
    overlap!(overlap_solution)();
}

macro_rules! gaps {
    ($exercise:ident) => {
        || {
            use $exercise::{Reading, slices};
            let read = |(at_ns, switches)| Reading { at_ns, switches };
            let readings = [
                (0, 7),
                (50, 7),
                (9_000, 7), // long, and no switch
                (9_050, 7),
                (4_000_000, 8),
                (4_000_050, 9), // back at once
                (4_000_100, 9),
            ];
            let slices = slices(&readings.map(read), 3_000);
            assert_eq!(slices, [(0, 9_050), (4_000_000, 4_000_100)]);
        }
    };
}

#[test]
fn a_gap_in_which_the_kernel_has_switched_nobody_is_part_of_a_slice() {
    fails(gaps!(gaps_starter));
    gaps!(gaps_solution)();
}

macro_rules! turns {
    ($exercise:ident) => {
        || {
            // The first lane is stopped in its first turn.
            let slices =
                [(0, 0, 2), (0, 3, 5), (1, 5, 10), (0, 11, 15), (1, 16, 17)];
            assert_eq!($exercise::turns(&slices), [5, 6, 5]);
            assert_eq!($exercise::turns(&slices[..1]), [0_u64; 0]);
        }
    };
}

#[test]
fn a_turn_goes_on_after_a_gap_in_it() {
    fails(turns!(turns_starter));
    turns!(turns_solution)();
}
