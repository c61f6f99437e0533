//! What do stronger orderings cost?
//!
//! Run:  cargo run --example order_cost
//! See:  on x86-64, Release costs what Relaxed does, and so does every load,
//!       since they are the same instructions. A SeqCst store costs about what
//!       an atomic addition does, which costs the same by any ordering.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{self, Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::fence;

use lab::{Experiment, Kind, Run};
use order::harness::keep_apart;
use order::litmus::{AllSeqCst, Orders, ReleaseAcquire};
use order::ring::Ring;

/// Operations by one thread.
const MANY: u64 = 5_000_000;
/// Messages from one thread to another.
const MESSAGES: u64 = 1_500_000;
/// Additions by each of two threads, long enough to be at it together.
const ADDITIONS: u64 = 1_500_000;

fn main() -> ExitCode {
    let alone = Kind::Alone;
    Experiment::new("order_cost", "What do stronger orderings cost?")
        .baseline("relaxed")
        .case("store", "a store, one thread")
        .variant(alone, "relaxed", "Relaxed", |run| {
            each(run, |number, i| number.store(i, Relaxed))
        })
        .variant(alone, "release", "Release", |run| {
            each(run, |number, i| number.store(i, Release))
        })
        .variant(alone, "seqcst", "SeqCst", |run| {
            each(run, |number, i| number.store(i, SeqCst))
        })
        .variant(alone, "fence", "Relaxed, then a SeqCst fence", |run| {
            each(run, |number, i| {
                number.store(i, Relaxed);
                fence(SeqCst);
            })
        })
        .case("load", "a load, one thread")
        .variant(alone, "relaxed", "Relaxed", |run| load(run, Relaxed))
        .variant(alone, "acquire", "Acquire", |run| load(run, Acquire))
        .variant(alone, "seqcst", "SeqCst", |run| load(run, SeqCst))
        .case("add", "an atomic addition, one thread")
        .variant(alone, "relaxed", "Relaxed", |run| {
            each(run, |number, _| _ = number.fetch_add(1, Relaxed))
        })
        .variant(alone, "seqcst", "SeqCst", |run| {
            each(run, |number, _| _ = number.fetch_add(1, SeqCst))
        })
        .case("ring", "a message from thread to thread")
        .variant(Kind::Thread, "acq_rel", "Release, Acquire", |run| {
            ring::<ReleaseAcquire>(run)
        })
        .variant(Kind::Thread, "seqcst", "SeqCst", ring::<AllSeqCst>)
        .observed()
        .case("counter", "two threads count together")
        .variant(Kind::Thread, "relaxed", "Relaxed", |run| {
            counter(run, Relaxed)
        })
        .variant(Kind::Thread, "seqcst", "SeqCst", |run| counter(run, SeqCst))
        .run()
}

/// Does it that often; in the end the number says how often.
#[inline(always)]
fn each(run: &mut Run, step: impl Fn(&AtomicU64, u64)) -> &'static str {
    let number = AtomicU64::new(0);
    let shared = black_box(&number);
    run.start_clock();
    (1..=MANY).for_each(|i| step(shared, i));
    done(run, MANY);
    verdict(number.into_inner() == MANY)
}

/// Reads a 1 that often, and adds it up.
#[inline(always)]
fn load(run: &mut Run, order: Ordering) -> &'static str {
    let number = AtomicU64::new(1);
    let shared = black_box(&number);
    run.start_clock();
    let sum: u64 = (0..MANY).map(|_| shared.load(order)).sum();
    done(run, MANY);
    verdict(sum == MANY)
}

fn verdict(all: bool) -> &'static str {
    if all { "all done" } else { "lost" }
}

fn ring<O: Orders>(run: &mut Run) -> u64 {
    let ring = &Ring::default();
    let sums = run.together(2, |i| {
        keep_apart(i, 2);
        if i == 0 {
            (1..=MESSAGES).for_each(|number| ring.send::<O>(number));
            0
        } else {
            (0..MESSAGES).map(|_| ring.receive::<O>()).sum()
        }
    });
    done(run, MESSAGES);
    sums.iter().sum()
}

#[inline(always)]
fn counter(run: &mut Run, order: Ordering) -> &'static str {
    let number = &AtomicU64::new(0);
    run.together(2, |i| {
        keep_apart(i, 2);
        (0..ADDITIONS).for_each(|_| _ = number.fetch_add(1, order));
    });
    done(run, 2 * ADDITIONS);
    let counted = number.load(Relaxed);
    run.metric("lost_share", 1.0 - counted as f64 / (2 * ADDITIONS) as f64);
    if counted == 2 * ADDITIONS { "nothing lost" } else { "additions lost" }
}

fn done(run: &mut Run, many: u64) {
    run.stop_clock();
    run.metric("each_ns", run.elapsed().as_nanos() as f64 / many as f64);
}
