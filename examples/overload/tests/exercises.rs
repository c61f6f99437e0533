//! Every starter fails its test, every solution passes it.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub)]

use std::thread;

use lab::testing::fails;

#[path = "../exercises/omitted_solution.rs"]
mod omitted_solution;
#[path = "../exercises/omitted_starter.rs"]
mod omitted_starter;
#[path = "../exercises/pause_solution.rs"]
mod pause_solution;
#[path = "../exercises/pause_starter.rs"]
mod pause_starter;
#[path = "../exercises/room_solution.rs"]
mod room_solution;
#[path = "../exercises/room_starter.rs"]
mod room_starter;

macro_rules! room {
    ($exercise:ident) => {
        || {
            let queue = $exercise::Queue::new(3);
            let most = thread::scope(|scope| {
                scope.spawn(|| (0..200).for_each(|i| queue.put(i)));
                let mut most = 0;
                for i in 0..200 {
                    // The producer has all the time it wants.
                    for _ in 0..20 {
                        thread::yield_now();
                    }
                    most = most.max(queue.waiting().0);
                    assert_eq!(queue.take(), i);
                }
                most
            });
            assert!(most <= queue.waiting().1, "{most} wait in it");
        }
    };
}

#[test]
fn a_producer_waits_until_there_is_room() {
    fails(room!(room_starter));
    room!(room_solution)();
}

macro_rules! pause {
    ($exercise:ident) => {
        || {
            let pause_ms = $exercise::pause_ms;
            assert_eq!(pause_ms(1, 0.5), 5.0, "it is not drawn");
            assert_eq!(pause_ms(3, 0.25), 10.0);
            assert_eq!(pause_ms(4, 0.0), 0.0);
            for failures in [9, 20, 100, u32::MAX] {
                assert_eq!(pause_ms(failures, 0.5), 1_000.0, "{failures}");
            }
        }
    };
}

#[test]
fn a_pause_is_drawn_by_chance_and_has_an_end() {
    fails(pause!(pause_starter));
    pause!(pause_solution)();
}

macro_rules! omitted {
    ($exercise:ident) => {
        || {
            let all = |times: &[u64]| {
                let mut all = $exercise::with_omitted(times, 10);
                all.sort_unstable();
                all
            };
            assert_eq!(all(&[1, 35, 2]), [1, 2, 5, 15, 25, 35]);
            assert_eq!(all(&[10, 3]), [3, 10], "nothing was due meanwhile");
            assert_eq!(all(&[30]), [10, 20, 30]);
        }
    };
}

#[test]
fn what_was_due_while_one_waited_is_counted() {
    fails(omitted!(omitted_starter));
    omitted!(omitted_solution)();
}
