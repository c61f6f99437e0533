//! Every starter fails its test, every solution passes it.
//!
//! Nothing here depends on speed: jobs that should overlap wait for each other,
//! and give up after a while.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub)]

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use lab::testing::fails;

#[path = "../exercises/balance_solution.rs"]
mod balance_solution;
#[path = "../exercises/balance_starter.rs"]
mod balance_starter;
#[path = "../exercises/overlap_solution.rs"]
mod overlap_solution;
#[path = "../exercises/overlap_starter.rs"]
mod overlap_starter;
#[path = "../exercises/survive_solution.rs"]
mod survive_solution;
#[path = "../exercises/survive_starter.rs"]
mod survive_starter;

/// Where several threads must be at the same time.
struct Meeting {
    expected: usize,
    there: Mutex<usize>,
    changed: Condvar,
}

impl Meeting {
    fn of(expected: usize) -> Arc<Meeting> {
        Arc::new(Meeting {
            expected,
            there: Mutex::new(0),
            changed: Condvar::new(),
        })
    }

    /// Whether all came, within a time that only a wrong program needs.
    fn wait(&self) -> bool {
        let mut there = self.there.lock().unwrap();
        *there += 1;
        self.changed.notify_all();
        let missing = |there: &mut usize| *there < self.expected;
        let patience = Duration::from_millis(1500);
        let (mut there, result) =
            self.changed.wait_timeout_while(there, patience, missing).unwrap();
        if result.timed_out() {
            *there -= 1;
        }
        !result.timed_out()
    }
}

type Jobs<T> = Vec<Box<dyn FnOnce() -> T + Send>>;

fn overlap(all_at_once: impl Fn(Jobs<(usize, bool)>) -> Vec<(usize, bool)>) {
    let meeting = Meeting::of(3);
    let jobs = (0..3_usize).map(|i| {
        let meeting = Arc::clone(&meeting);
        Box::new(move || (i, meeting.wait())) as Box<dyn FnOnce() -> _ + Send>
    });
    assert_eq!(all_at_once(jobs.collect()), [(0, true), (1, true), (2, true)]);
}

#[test]
fn all_jobs_are_in_flight_at_once() {
    fails(|| overlap(overlap_starter::all_at_once));
    overlap(overlap_solution::all_at_once);
}

fn survive(run_all: impl Fn(Jobs<u32>) -> Vec<Result<u32, String>>) {
    let jobs: Jobs<u32> = vec![
        Box::new(|| 1),
        Box::new(|| panic!("no luck")),
        Box::new(|| panic!("no luck with {}", 3)),
        Box::new(|| 4),
    ];
    let answers = run_all(jobs);
    assert_eq!(
        answers,
        [Ok(1), Err("no luck".into()), Err("no luck with 3".into()), Ok(4)]
    );
}

#[test]
fn a_panic_costs_its_own_answer_only() {
    fails(|| survive(survive_starter::run_all));
    survive(survive_solution::run_all);
}

fn balance(share_out: impl Fn(usize, usize, &(dyn Fn(usize) + Sync))) {
    let meeting = Meeting::of(2);
    let done = Mutex::new(vec![false; 6]);
    share_out(6, 2, &|job| {
        if job < 2 {
            assert!(meeting.wait(), "both long jobs went to the same worker");
        }
        done.lock().unwrap()[job] = true;
    });
    assert_eq!(*done.lock().unwrap(), [true; 6]);
}

#[test]
fn long_jobs_are_shared_out() {
    fails(|| {
        balance(|jobs, workers, work| {
            balance_starter::share_out(jobs, workers, work)
        })
    });
    balance(|jobs, workers, work| {
        balance_solution::share_out(jobs, workers, work)
    });
}
