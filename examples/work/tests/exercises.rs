//! Every starter fails its test, every solution passes it.
//!
//! Nothing here depends on speed: what should overlap waits for the other, and
//! gives up after a while.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub)]

use std::cell::RefCell;
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use lab::testing::fails;

#[path = "../exercises/ahead_solution.rs"]
mod ahead_solution;
#[path = "../exercises/ahead_starter.rs"]
mod ahead_starter;
#[path = "../exercises/best_solution.rs"]
mod best_solution;
#[path = "../exercises/best_starter.rs"]
mod best_starter;
#[path = "../exercises/once_solution.rs"]
mod once_solution;
#[path = "../exercises/once_starter.rs"]
mod once_starter;

type Ask<'a> = &'a mut dyn FnMut(&str) -> u32;

fn once(ratings: impl Fn(&[&str], Ask<'_>) -> Vec<u32>) {
    let asked = RefCell::new(Vec::new());
    let mut ask = |name: &str| {
        asked.borrow_mut().push(name.to_owned());
        name.len() as u32
    };
    let names = ["Sole", "Luna", "Sole", "Trattoria", "Luna", "Sole"];
    assert_eq!(ratings(&names, &mut ask), [4, 4, 4, 9, 4, 4]);
    assert_eq!(*asked.borrow(), ["Sole", "Luna", "Trattoria"]);
}

#[test]
fn nobody_is_asked_about_twice() {
    fails(|| once(|names, ask| once_starter::ratings(names, ask)));
    once(|names, ask| once_solution::ratings(names, ask));
}

type Fetch<'a> = &'a (dyn Fn(usize) -> usize + Sync);
type Compute<'a> = &'a mut dyn FnMut(usize) -> usize;

fn ahead(all: impl Fn(usize, Fetch<'_>, Compute<'_>) -> Vec<usize>) {
    const JOBS: usize = 4;
    let (fetched, changed) = (Mutex::new(0), Condvar::new());
    let fetch = |job: usize| {
        *fetched.lock().unwrap() += 1;
        changed.notify_all();
        job
    };
    // Computing with an answer ends when the next has been asked for.
    let mut compute = |job: usize| {
        let wanted = JOBS.min(job + 2);
        let patience = Duration::from_millis(1500);
        let (_guard, result) = changed
            .wait_timeout_while(fetched.lock().unwrap(), patience, |fetched| {
                *fetched < wanted
            })
            .unwrap();
        assert!(!result.timed_out(), "nothing is on its way");
        job * 10
    };
    assert_eq!(all(JOBS, &fetch, &mut compute), [0, 10, 20, 30]);
}

#[test]
fn the_next_answer_is_on_its_way_while_one_is_computed_with() {
    fails(|| {
        ahead(|jobs, fetch, compute| ahead_starter::all(jobs, fetch, compute))
    });
    ahead(|jobs, fetch, compute| ahead_solution::all(jobs, fetch, compute));
}

fn best(at_best: impl Fn(Duration, &[Duration], u32) -> Duration) {
    let ms = Duration::from_millis;
    for (cpu, waits, cores, expected) in [
        (80, vec![], 2, 40),       // only computing: the cores decide
        (0, vec![20; 16], 1, 20),  // only waiting: they do not
        (60, vec![20; 24], 2, 30), // both, and the computing is longer
        (10, vec![20, 90], 16, 90), // both, and one wait is longer
    ] {
        let waits: Vec<Duration> = waits.into_iter().map(ms).collect();
        assert_eq!(at_best(ms(cpu), &waits, cores), ms(expected));
    }
}

#[test]
fn cores_divide_the_computing_and_nothing_else() {
    fails(|| best(best_starter::at_best));
    best(best_solution::at_best);
}
