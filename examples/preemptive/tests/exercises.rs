//! Every starter fails its test, every solution passes it. Nothing here
//! depends on time.

// The exercises are modules of public items, as a reader would write them.
#![allow(unreachable_pub)]

use lab::testing::fails;

#[path = "../exercises/machine_solution.rs"]
mod machine_solution;
#[path = "../exercises/machine_starter.rs"]
mod machine_starter;
#[path = "../exercises/orders_solution.rs"]
mod orders_solution;
#[path = "../exercises/orders_starter.rs"]
mod orders_starter;
#[path = "../exercises/weights_solution.rs"]
mod weights_solution;
#[path = "../exercises/weights_starter.rs"]
mod weights_starter;

/// The same test for two modules, each of which has an `Op` of its own.
macro_rules! machine {
    ($exercise:ident) => {{
        use $exercise::{Op, run};
        let hog = vec![Op::Add(1), Op::Jump(0)];
        let short = vec![Op::Add(1), Op::Add(2), Op::End];
        let long = [vec![Op::Add(1); 40], vec![Op::End]].concat();
        for budget in [1, 2, 3, 7, 100] {
            let programs = vec![hog.clone(), short.clone(), long.clone()];
            // Wherever it was stopped, a program goes on as if nothing was.
            let sums = run(programs, budget, 1_000);
            assert_eq!(sums, [None, Some(3), Some(40)], "budget {budget}");
        }
        // And no program may use more than there is.
        assert_eq!(run(vec![short], 100, 2), [None]);
    }};
}

#[test]
fn a_program_that_never_ends_does_not_keep_the_others_waiting() {
    fails(|| machine!(machine_starter));
    machine!(machine_solution);
}

fn weigh(schedule: impl Fn(&[u64], usize) -> Vec<usize>) {
    for weights in [vec![1024, 335], vec![1024, 15], vec![100, 100, 200]] {
        let all: u64 = weights.iter().sum();
        let ticks = 10 * all as usize;
        let turns = schedule(&weights, ticks);
        assert_eq!(turns.len(), ticks);
        for (i, weight) in weights.iter().enumerate() {
            // At any moment nobody is more than a few ticks from their due.
            let mut got = 0_i64;
            for (tick, turn) in turns.iter().enumerate() {
                got += i64::from(*turn == i);
                let due = (tick as u64 + 1) * weight / all;
                let off = got - due as i64;
                assert!(off.abs() <= 3, "{weights:?}: {i} off by {off}");
            }
        }
    }
}

#[test]
fn ticks_go_by_weight_and_in_small_turns() {
    fails(|| weigh(weights_starter::schedule));
    weigh(weights_solution::schedule);
    // All at once would be fair in the end, and not in between.
    fails(|| {
        weigh(|weights, ticks| {
            let mut turns = weights_solution::schedule(weights, ticks);
            turns.sort_unstable();
            turns
        })
    });
}

macro_rules! orders {
    ($exercise:ident) => {{
        use $exercise::{Step, outcomes};
        let steps = vec![Step::Load, Step::Add(1), Step::Store];
        let of = |n| outcomes(&vec![steps.clone(); n]).into_iter();
        assert!(of(1).eq([1]));
        assert!(of(2).eq([1, 2]), "one may write over the other");
        assert!(of(3).eq([1, 2, 3]));
        let at_once = vec![Step::AddAtOnce(1)];
        let safe = outcomes(&[at_once.clone(), at_once]);
        assert!(safe.into_iter().eq([2]), "nothing is between");
    }};
}

#[test]
fn what_may_come_of_a_switch_between_any_two_steps_is_found() {
    fails(|| orders!(orders_starter));
    orders!(orders_solution);
}
