//! One interface for pools, and for an actor: what does a call cost through it,
//! by who does the work?
//!
//! Run:  cargo run --example mix_call
//! See:  a call to a pool of threads, to rayon, to a task or to an actor costs
//!       the way to another thread and back, some of them more than others. To
//!       another process it costs a multiple. Five hundred at once cost far
//!       less each, since nobody goes to sleep in between.
//!
//! The job is next to nothing, so that what is measured is the way.

use std::process::ExitCode;

use lab::{Experiment, Kind, Run};
use mixing::pools::{self, Actor, Pool, Processes, Threads, square};
use tokio::runtime::{Builder, Runtime};

const CALLS: u64 = 500;

fn main() -> ExitCode {
    let question = "One interface for pools: what does a call cost?";
    let mut all = Experiment::new("mix_call", question).baseline("plain");
    for (case, label, call) in [
        ("one", "each when the last is answered", one_by_one as Caller),
        ("many", "five hundred at once", all_at_once),
    ] {
        let (thread, task) = (Kind::Thread, Kind::Task);
        all = all
            .case(case, label)
            .variant(Kind::Alone, "plain", "a plain call", |run| {
                run.start_clock();
                let sum = (0..CALLS).map(std::hint::black_box).map(square);
                let sum = sum.sum::<u64>();
                noted(run, sum)
            })
            .variant(thread, "threads", "threads", move |run| {
                let pool = Threads::of(run.threads());
                called(run, &pool, call)
            })
            .variant(thread, "rayon", "rayon", move |run| {
                let pool = rayon::ThreadPoolBuilder::new();
                let pool = pool.num_threads(run.threads()).build();
                called(run, &pool.expect("threads"), call)
            })
            .variant(task, "tokio", "tasks of tokio's", move |run| {
                called(run, &runtime(run), call)
            })
            .variant(task, "actor_task", "an actor, a task", move |run| {
                let runtime = runtime(run);
                called(run, &Actor::task(&runtime), call)
            })
            .variant(thread, "actor_thread", "an actor, a thread", move |run| {
                called(run, &Actor::thread(), call)
            })
            .variant(Kind::Process, "processes", "processes", move |run| {
                let pool = Processes::of(run.threads());
                run.elsewhere();
                called(run, &pool, call)
            });
    }
    all.child("worker", |_| pools::serve()).run()
}

type Caller = fn(&dyn Pool) -> u64;

// ANCHOR: callers
fn one_by_one(pool: &dyn Pool) -> u64 {
    (0..CALLS).map(|n| pool.submit(n).blocking_recv().unwrap()).sum()
}

fn all_at_once(pool: &dyn Pool) -> u64 {
    let all: Vec<_> = (0..CALLS).map(|n| pool.submit(n)).collect();
    all.into_iter().map(|answer| answer.blocking_recv().unwrap()).sum()
}
// ANCHOR_END: callers

fn called(run: &mut Run, pool: &dyn Pool, call: Caller) -> u64 {
    let warm: Vec<_> = (0..64).map(|n| pool.submit(n)).collect();
    warm.into_iter().for_each(|answer| drop(answer.blocking_recv()));
    run.start_clock();
    let sum = call(pool);
    noted(run, sum)
}

fn noted(run: &mut Run, sum: u64) -> u64 {
    run.stop_clock();
    let each_us = run.elapsed().as_secs_f64() * 1e6 / CALLS as f64;
    run.metric("each_us", each_us);
    sum
}

fn runtime(run: &Run) -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(run.threads()).build().expect("workers")
}
