//! Two broken locks and two right ones: does trying them out tell which is
//! which?
//!
//! Run:  cargo run --example lock_broken
//! See:  the lock that looks first and takes afterwards loses additions. The
//!       one that orders nothing loses none on many machines, and is wrong all
//!       the same: `cargo run --example lock_model` finds it.

use std::process::ExitCode;

use lab::{Experiment, Kind, Run};
use sharing::broken::{CheckThenSet, NoOrder};
use sharing::park::ParkLock;
use sharing::spin::SpinLock;

const THREADS: usize = 2;
/// By each thread.
const TURNS: u64 = 500_000;

fn main() -> ExitCode {
    Experiment::new(
        "lock_broken",
        "Does trying a lock a million times tell whether it is right?",
    )
    .baseline("spin")
    .observed()
    .variant(Kind::Thread, "broken_check", "looks, then takes", |run| {
        let lock = CheckThenSet::new(0);
        turns(run, || lock.with(|n| *n += 1));
        lost(run, lock.with(|n| *n))
    })
    .variant(Kind::Thread, "broken_order", "orders nothing", |run| {
        let lock = NoOrder::new(0);
        turns(run, || lock.with(|n| *n += 1));
        lost(run, lock.with(|n| *n))
    })
    .variant(Kind::Thread, "spin", "right, asking again", |run| {
        let lock = SpinLock::new(0);
        turns(run, || lock.with(|n| *n += 1));
        lost(run, lock.with(|n| *n))
    })
    .variant(Kind::Thread, "park", "right, asleep", |run| {
        let lock = ParkLock::new(0);
        turns(run, || lock.with(|n| *n += 1));
        lost(run, lock.with(|n| *n))
    })
    .run()
}

fn turns(run: &mut Run, turn: impl Fn() + Sync) {
    run.together(THREADS, |_| (0..TURNS).for_each(|_| turn()));
}

fn lost(run: &mut Run, counted: u64) -> &'static str {
    let total = THREADS as u64 * TURNS;
    run.metric("lost_share", 1.0 - counted as f64 / total as f64);
    if counted == total { "nothing lost" } else { "additions lost" }
}
