//! Every starter fails its test, every solution passes it.

// The exercises are small modules of public functions, as a reader would write
// them, and a starter may leave unused what its solution needs.
#![allow(unreachable_pub, dead_code)]

use std::time::Duration;

use lab::testing::fails;
use tokio::runtime::Builder;
use tokio::time::sleep;

#[path = "../exercises/schedstat_solution.rs"]
mod schedstat_solution;
#[path = "../exercises/schedstat_starter.rs"]
mod schedstat_starter;
#[path = "../exercises/slow_poll_solution.rs"]
mod slow_poll_solution;
#[path = "../exercises/slow_poll_starter.rs"]
mod slow_poll_starter;
#[path = "../exercises/two_looks_solution.rs"]
mod two_looks_solution;
#[path = "../exercises/two_looks_starter.rs"]
mod two_looks_starter;

macro_rules! slow_poll {
    ($exercise:ident) => {
        || {
            use $exercise::timed;
            let runtime =
                Builder::new_current_thread().enable_time().build().unwrap();
            let long = Duration::from_millis(300);
            let (waits, blocks) = runtime.block_on(async {
                let (answer, waits) = timed(async {
                    sleep(long).await;
                    7
                })
                .await;
                assert_eq!(answer, 7);
                let ((), blocks) =
                    timed(async { std::thread::sleep(long) }).await;
                (waits, blocks)
            });
            assert!(blocks >= long, "{blocks:?}");
            assert!(waits < long, "{waits:?}");
        }
    };
}

#[test]
fn who_waits_is_not_who_blocks() {
    fails(slow_poll!(slow_poll_starter));
    slow_poll!(slow_poll_solution)();
}

macro_rules! schedstat {
    ($exercise:ident) => {
        || {
            use $exercise::{Did, did};
            let before = "5000000000 70000000 100";
            assert_eq!(did(before, "5990000000 70100000 104"), Did::Ran);
            assert_eq!(did(before, "5000100000 70100000 104"), Did::Slept);
            let throttled = "5300000000 770000000 150";
            assert_eq!(did(before, throttled), Did::WaitedForACore);
        }
    };
}

#[test]
fn who_may_not_run_does_not_sleep() {
    fails(schedstat!(schedstat_starter));
    schedstat!(schedstat_solution)();
}

macro_rules! two_looks {
    ($exercise:ident) => {
        || {
            use $exercise::{Thread, is_deadlock};
            let at = |is_in_a_lock, switches| Thread { is_in_a_lock, switches };
            let stuck = [at(true, 3), at(true, 5), at(false, 9)];
            let later = [at(true, 3), at(true, 5), at(false, 12)];
            assert!(is_deadlock(&stuck, &later));
            let moves = [at(true, 90), at(true, 80), at(false, 12)];
            assert!(!is_deadlock(&stuck, &moves));
            let one = [at(true, 3), at(true, 81), at(false, 12)];
            assert!(!is_deadlock(&stuck, &one));
        }
    };
}

#[test]
fn a_convoy_moves_and_a_deadlock_does_not() {
    fails(two_looks!(two_looks_starter));
    two_looks!(two_looks_solution)();
}
