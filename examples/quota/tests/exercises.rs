//! Every starter fails its test, every solution passes it.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub, missing_docs)]

use std::thread;
use std::time::Duration;

use lab::os;
use lab::testing::fails;

#[path = "../exercises/latch_solution.rs"]
mod latch_solution;
#[path = "../exercises/latch_starter.rs"]
mod latch_starter;
#[path = "../exercises/share_solution.rs"]
mod share_solution;
#[path = "../exercises/share_starter.rs"]
mod share_starter;
#[path = "../exercises/workers_solution.rs"]
mod workers_solution;
#[path = "../exercises/workers_starter.rs"]
mod workers_starter;

macro_rules! workers {
    ($exercise:ident) => {
        || {
            use $exercise::workers;
            assert_eq!(workers(8, &[]), 8);
            assert_eq!(workers(8, &["max 100000\n"]), 8);
            assert_eq!(workers(8, &["400000 100000\n"]), 4);
            assert_eq!(workers(8, &["150000 100000\n"]), 1);
            assert_eq!(workers(8, &["50000 100000\n"]), 1);
            assert_eq!(workers(8, &["9900000 100000\n"]), 8);
            let nested = ["max 100000\n", "30000 10000\n", "60000 10000\n"];
            assert_eq!(workers(8, &nested), 3);
        }
    };
}

#[test]
fn the_tightest_quota_on_the_way_to_the_root_counts() {
    fails(workers!(workers_starter));
    workers!(workers_solution)();
}

macro_rules! share {
    ($exercise:ident) => {
        || {
            use $exercise::throttled;
            let stat = |periods, stops, time: &str| {
                format!(
                    "nr_periods {periods}\nnr_throttled {stops}\n{time}\n\
                     nr_bursts 0\n"
                )
            };
            let before = stat(900_000, 10, "throttled_usec 500000");
            let after = stat(900_100, 60, "throttled_usec 3000000");
            let mean = Duration::from_millis(50);
            assert_eq!(throttled(&before, &after), Some((0.5, mean)));
            assert_eq!(throttled(&after, &after), None);
            let before = stat(0, 0, "throttled_time 0");
            let after = stat(4, 2, "throttled_time 100000000");
            assert_eq!(throttled(&before, &after), Some((0.5, mean)));
            let calm = stat(8, 2, "throttled_time 100000000");
            let none = Some((0.0, Duration::ZERO));
            assert_eq!(throttled(&after, &calm), none);
        }
    };
}

#[test]
fn what_was_counted_before_does_not_count() {
    fails(share!(share_starter));
    share!(share_solution)();
}

macro_rules! latch {
    ($exercise:ident) => {
        || {
            let latch = &$exercise::Latch::default();
            let slept = thread::scope(|scope| {
                let waits = scope.spawn(move || {
                    let before = os::thread_switches();
                    latch.wait();
                    let after = os::thread_switches();
                    // Where it is not counted a thread at a time, nobody knows.
                    before.zip(after).map(|(b, a)| a.voluntary - b.voluntary)
                });
                thread::sleep(Duration::from_millis(50));
                latch.open();
                waits.join().unwrap()
            });
            assert!(slept.is_none_or(|times| times > 0), "it kept its core");
            latch.wait(); // open already
        }
    };
}

#[test]
fn who_waits_for_long_leaves_its_core_to_others() {
    if os::thread_switches().is_some() {
        fails(latch!(latch_starter));
    }
    latch!(latch_solution)();
}
