//! Two threads, a counter each, nothing shared: does it matter where the
//! counters lie?
//!
//! Run:  cargo run --example false_sharing
//! See:  side by side, two counters cost several times what they cost apart,
//!       since two cores pass one line of cache to and fro. Whoever adds in a
//!       variable of its own and stores the sum once pays for neither.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

use crossbeam_utils::CachePadded;
use lab::timeline::now_ns;
use lab::{Experiment, Kind, Run, os};

/// By each thread.
const ADDITIONS: u64 = 5_000_000;

fn main() -> ExitCode {
    Experiment::new(
        "false_sharing",
        "Two threads, a counter each: does it matter where they lie?",
    )
    .baseline("adjacent")
    .variant(Kind::Thread, "adjacent", "side by side", adjacent)
    .variant(Kind::Thread, "padded", "a line of cache each", padded)
    .variant(Kind::Thread, "local", "added up apart", local)
    .run()
}

// ANCHOR: counters
/// So that two neighbors are in one line, wherever the compiler puts them.
#[repr(align(128))]
struct Line([AtomicU64; 2]);

fn adjacent(run: &mut Run) -> &'static str {
    let Line([one, other]) = Line([AtomicU64::new(0), AtomicU64::new(0)]);
    both(run, &one, &other, add)
}

fn padded(run: &mut Run) -> &'static str {
    // Each counter in a line of its own, whoever its neighbors are.
    let one = CachePadded::new(AtomicU64::new(0));
    let other = CachePadded::new(AtomicU64::new(0));
    both(run, &one, &other, add)
}

fn add(counter: &AtomicU64) {
    for _ in 0..ADDITIONS {
        counter.fetch_add(1, Relaxed);
    }
}

fn local(run: &mut Run) -> &'static str {
    let Line([one, other]) = Line([AtomicU64::new(0), AtomicU64::new(0)]);
    both(run, &one, &other, |counter| {
        let mut mine = 0;
        (0..ADDITIONS).for_each(|_| mine += black_box(1));
        counter.store(mine, Relaxed); // once
    })
}
// ANCHOR_END: counters

/// Two threads on two cores, if there are two, with a counter each.
fn both(
    run: &mut Run,
    one: &AtomicU64,
    other: &AtomicU64,
    work: impl Fn(&AtomicU64) + Copy + Send + Sync,
) -> &'static str {
    let cpus = &os::allowed_cpus().unwrap_or_default();
    let gate = &run.gate(2);
    let body = |i: usize, counter| {
        cpus.get(i).map(|&cpu| os::pin_to(&[cpu]));
        gate.wait();
        work(counter);
        now_ns()
    };
    let ended = thread::scope(|scope| {
        let first = scope.spawn(move || body(0, one));
        let second = scope.spawn(move || body(1, other));
        first.join().unwrap().max(second.join().unwrap())
    });
    run.stop_clock();
    let took = ended - gate.began_ns();
    // By both together, as in lock_contended.
    run.metric("each_ns", took as f64 / (2 * ADDITIONS) as f64);
    let sum = one.load(Relaxed) + other.load(Relaxed);
    assert_eq!(sum, 2 * ADDITIONS, "an addition was lost");
    "every addition counted"
}
