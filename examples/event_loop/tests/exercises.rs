//! Every starter fails its test, every solution passes it.
//!
//! Nothing here depends on speed: jobs that should overlap wait for each other,
//! and give up after a while.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub)]

use std::cell::Cell;
use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use event_loop::{EventLoop, Handle, yield_now};
use lab::testing::fails;

#[path = "../exercises/blocking_solution.rs"]
mod blocking_solution;
#[path = "../exercises/blocking_starter.rs"]
mod blocking_starter;
#[path = "../exercises/limit_solution.rs"]
mod limit_solution;
#[path = "../exercises/limit_starter.rs"]
mod limit_starter;
#[path = "../exercises/overlap_solution.rs"]
mod overlap_solution;
#[path = "../exercises/overlap_starter.rs"]
mod overlap_starter;

/// A time that only a wrong program needs.
const PATIENCE: Duration = Duration::from_millis(1500);

type Job<T> = Pin<Box<dyn Future<Output = T>>>;

/// Waits until `expected` jobs are here; whether they came.
async fn meet(here: Rc<Cell<usize>>, expected: usize) -> bool {
    let began = Instant::now();
    here.set(here.get() + 1);
    while here.get() < expected {
        if began.elapsed() > PATIENCE {
            return false;
        }
        yield_now().await;
    }
    true
}

fn overlap<A: Future<Output = Vec<(usize, bool)>>>(
    all_at_once: impl Fn(Handle, Vec<Job<(usize, bool)>>) -> A,
) {
    let event_loop = EventLoop::new().unwrap();
    let here = Rc::new(Cell::new(0));
    let jobs = (0..3_usize).map(|i| {
        let here = Rc::clone(&here);
        Box::pin(async move { (i, meet(here, 3).await) }) as Job<_>
    });
    let answers =
        event_loop.run(all_at_once(event_loop.handle(), jobs.collect()));
    assert_eq!(answers, [(0, true), (1, true), (2, true)]);
}

#[test]
fn all_jobs_are_in_flight_at_once_on_one_thread() {
    fails(|| {
        overlap(|handle, jobs| async move {
            overlap_starter::all_at_once(&handle, jobs).await
        })
    });
    overlap(|handle, jobs| async move {
        overlap_solution::all_at_once(&handle, jobs).await
    });
}

fn limit<A: Future<Output = Vec<usize>>>(
    some_at_once: impl Fn(Handle, Vec<Job<usize>>, usize) -> A,
) {
    let event_loop = EventLoop::new().unwrap();
    let (running, most) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let jobs = (0..10_usize).map(|i| {
        let (running, most) = (Rc::clone(&running), Rc::clone(&most));
        Box::pin(async move {
            running.set(running.get() + 1);
            most.set(most.get().max(running.get()));
            for _ in 0..i {
                yield_now().await;
            }
            running.set(running.get() - 1);
            i
        }) as Job<_>
    });
    let answers =
        event_loop.run(some_at_once(event_loop.handle(), jobs.collect(), 3));
    assert_eq!(answers, (0..10).collect::<Vec<_>>());
    assert_eq!(most.get(), 3);
}

#[test]
fn no_more_than_the_limit_are_in_flight_and_no_fewer() {
    fails(|| {
        limit(|handle, jobs, limit| async move {
            limit_starter::some_at_once(&handle, jobs, limit).await
        })
    });
    limit(|handle, jobs, limit| async move {
        limit_solution::some_at_once(&handle, jobs, limit).await
    });
}

type Call = Box<dyn FnOnce() -> bool + Send>;

/// The call blocks until another task of the same loop has heard that it began,
/// and has said a word.
fn blocking<A: Future<Output = bool>>(off_the_loop: impl Fn(Call) -> A) {
    let event_loop = EventLoop::new().unwrap();
    let (say, word) = mpsc::channel();
    let (begin, begun) = mpsc::channel();
    event_loop.handle().spawn(async move {
        while begun.try_recv().is_err() {
            yield_now().await;
        }
        say.send(())
    });
    let call = Box::new(move || {
        begin.send(()).unwrap();
        word.recv_timeout(PATIENCE).is_ok()
    });
    assert!(event_loop.run(off_the_loop(call)), "the loop was blocked");
}

#[test]
fn the_loop_goes_on_while_a_call_blocks() {
    fails(|| blocking(blocking_starter::off_the_loop));
    blocking(blocking_solution::off_the_loop);
}

#[test]
fn a_call_that_panics_leaves_nobody_waiting() {
    let event_loop = EventLoop::new().unwrap();
    let handle = event_loop.handle();
    let call = || -> u32 { panic::panic_any("on purpose") };
    let asked = handle.spawn(blocking_solution::off_the_loop(call));
    let run = AssertUnwindSafe(|| {
        event_loop.run(handle.sleep(PATIENCE));
        drop(asked);
    });
    let said = panic::catch_unwind(run).expect_err("the task heard nothing");
    assert_eq!(said.downcast_ref(), Some(&"on purpose"));
}

#[test]
fn an_answer_that_is_there_at_once_is_not_missed() {
    let event_loop = EventLoop::new().unwrap();
    for n in 0..1000 {
        let answer = event_loop.run(blocking_solution::off_the_loop(move || n));
        assert_eq!(answer, n);
    }
}
