//! Every starter fails its test, every solution passes it.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub)]

use lab::testing::fails;

#[path = "../exercises/dead_solution.rs"]
mod dead_solution;
#[path = "../exercises/dead_starter.rs"]
mod dead_starter;
#[path = "../exercises/resume_solution.rs"]
mod resume_solution;
#[path = "../exercises/resume_starter.rs"]
mod resume_starter;
#[path = "../exercises/skew_solution.rs"]
mod skew_solution;
#[path = "../exercises/skew_starter.rs"]
mod skew_starter;

macro_rules! dead {
    ($exercise:ident) => {
        || {
            let mut watch = $exercise::Watch::new(100);
            let first = watch.give(7, 0);
            assert_eq!(watch.silent(100), [0_u32; 0], "not for too long");
            assert_eq!(watch.silent(101), [7]);
            let second = watch.give(7, 101);
            watch.take(7, first, 5, 150);
            assert_eq!(watch.silent(202), [7], "the slow one is not heard of");
            watch.take(7, second, 5, 180);
            watch.take(8, 1, 5, 180);
            assert_eq!(watch.total(), 5, "what was slow counts, too");
            assert_eq!(watch.silent(202), [0_u32; 0]);
        }
    };
}

#[test]
fn who_was_called_dead_and_comes_back_does_not_count() {
    fails(dead!(dead_starter));
    dead!(dead_solution)();
}

macro_rules! resume {
    ($exercise:ident) => {
        || {
            use $exercise::{Crash, Kept, go_on};
            let windows = [3, 5, 7, 11];
            // A crash at each step, before it is saved and after.
            for crash in 0..2 * windows.len() {
                let (mut kept, mut step) = (Kept::default(), 0);
                let first = go_on(&kept.clone(), &windows, |now| {
                    let is_over = step == crash / 2;
                    if !is_over || crash % 2 == 1 {
                        kept = now;
                    }
                    step += 1;
                    if is_over { Err(Crash) } else { Ok(()) }
                });
                assert!(first.is_err());
                let again = go_on(&kept.clone(), &windows, |now| {
                    kept = now;
                    Ok(())
                });
                assert!(again.is_ok());
                assert_eq!(kept, Kept { total: 26, windows: 4 }, "{crash}");
            }
        }
    };
}

#[test]
fn who_goes_on_adds_nothing_twice_wherever_the_crash_came() {
    fails(resume!(resume_starter));
    resume!(resume_solution)();
}

macro_rules! skew {
    ($exercise:ident) => {
        || {
            use $exercise::Clock;
            let (mut ahead, mut behind) = (Clock::default(), Clock::default());
            let question = ahead.stamp(60_000);
            behind.hear(question);
            let answer = behind.stamp(10);
            assert!(answer > question, "{answer} after {question}");
            assert!(behind.stamp(5) > answer, "its own clock went back");
            // A message of long ago moves nothing.
            behind.hear(1);
            assert!(behind.stamp(5) > answer);
            assert!(behind.stamp(90_000) >= 90_000);
        }
    };
}

#[test]
fn an_effect_is_stamped_later_than_its_cause() {
    fails(skew!(skew_starter));
    skew!(skew_solution)();
}
