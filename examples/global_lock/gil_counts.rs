//! What it costs to count a reference, and what becomes of a count that two
//! threads change without care.
//!
//! Run:  cargo run --example gil_counts
//! See:  an atomic count costs one thread several times as much as a plain one.
//!       Two threads with a count each do not disturb one another; on the same
//!       count each of them is slower than one thread alone. `torn` takes
//!       references with a plain count and loses many of them.

use std::hint::black_box;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Instant;

use lab::{Experiment, Kind, Run};

/// References that each thread takes and drops.
const TIMES: u64 = 2_000_000;

fn main() -> ExitCode {
    Experiment::new(
        "gil_counts",
        "What does it cost to count a reference up and down?",
    )
    .baseline("plain")
    .variant(Kind::Alone, "plain", "one thread, Rc", |run| {
        timed(run, || take_and_drop(&Rc::new(42), Rc::strong_count))
    })
    .variant(Kind::Alone, "atomic", "one thread, Arc", |run| {
        timed(run, || take_and_drop(&Arc::new(42), Arc::strong_count))
    })
    .variant(Kind::Thread, "apart", "2 threads, an Arc each", |run| {
        timed(run, || {
            two_threads(|| take_and_drop(&Arc::new(42), Arc::strong_count))
        })
    })
    .variant(Kind::Thread, "shared", "2 threads, one Arc", |run| {
        let object = Arc::new(42);
        timed(run, || {
            two_threads(|| take_and_drop(&object, Arc::strong_count))
        });
        Arc::strong_count(&object)
    })
    .observed()
    .variant(Kind::Thread, "torn", "2 threads, a plain count", |run| {
        let count = AtomicU64::new(1);
        timed(run, || two_threads(|| torn(&count)));
        let lost = 1 + 2 * TIMES - count.into_inner();
        run.metric("lost", lost as f64);
        if lost > 0 { "references lost" } else { "none lost" }
    })
    .run()
}

fn take_and_drop<R: Clone>(object: &R, count: fn(&R) -> usize) -> usize {
    for _ in 0..TIMES {
        drop(black_box(object.clone()));
    }
    count(object)
}

/// What a plain count does when it counts up: reads, adds, writes back. (A
/// plain count in two threads is not for Rust to compile.)
fn torn(count: &AtomicU64) -> usize {
    for _ in 0..TIMES {
        let seen = count.load(Ordering::Relaxed);
        // The other thread may have counted since.
        count.store(seen + 1, Ordering::Relaxed);
    }
    1
}

/// Both begin when both are there. Returns what the first one says.
fn two_threads(work: impl Fn() -> usize + Sync) -> usize {
    let ready = Barrier::new(2);
    let work = || {
        ready.wait();
        work()
    };
    thread::scope(|scope| {
        scope.spawn(work);
        work()
    })
}

fn timed(run: &mut Run, work: impl FnOnce() -> usize) -> usize {
    run.start_clock();
    let began = Instant::now();
    let count = work();
    let took = began.elapsed();
    run.stop_clock();
    // For one thread; two of them do it side by side.
    run.metric("each_ns", took.as_nanos() as f64 / TIMES as f64);
    count
}
