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
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
        alone(run, || take_and_drop(&Rc::new(42), Rc::strong_count))
    })
    .variant(Kind::Alone, "atomic", "one thread, Arc", |run| {
        alone(run, || take_and_drop(&Arc::new(42), Arc::strong_count))
    })
    .variant(Kind::Thread, "apart", "2 threads, an Arc each", |run| {
        two_threads(run, || take_and_drop(&Arc::new(42), Arc::strong_count))
    })
    .variant(Kind::Thread, "shared", "2 threads, one Arc", |run| {
        let object = Arc::new(42);
        two_threads(run, || take_and_drop(&object, Arc::strong_count));
        Arc::strong_count(&object)
    })
    .observed()
    .variant(Kind::Thread, "torn", "2 threads, a plain count", |run| {
        let count = AtomicU64::new(1);
        two_threads(run, || torn(&count));
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

/// What a plain count does when it counts up: reads, adds, writes back. (Rust
/// does not compile an ordinary addition to what two threads share.)
fn torn(count: &AtomicU64) -> usize {
    for _ in 0..TIMES {
        let seen = count.load(Ordering::Relaxed);
        // The other thread may have counted since.
        count.store(seen + 1, Ordering::Relaxed);
    }
    1
}

fn alone(run: &mut Run, work: impl FnOnce() -> usize) -> usize {
    run.start_clock();
    let count = work();
    run.stop_clock();
    note_each(run);
    count
}

/// Returns what the first one says.
fn two_threads(run: &mut Run, work: impl Fn() -> usize + Sync) -> usize {
    let counts = run.together(2, |_| work());
    note_each(run);
    counts[0]
}

/// For one thread; two of them do it side by side.
fn note_each(run: &mut Run) {
    run.metric("each_ns", run.elapsed().as_nanos() as f64 / TIMES as f64);
}
