//! One lock and one, two or eight threads that want it: what does each turn
//! cost?
//!
//! Run:  cargo run --example lock_contended
//! See:  alone, every lock costs little. With two threads each turn costs
//!       several times as much, though the work is the same. With more threads
//!       than cores, who spins may spin for a thread that is not running.
//!
//! The turns are shared out among the threads; a turn adds one to a number.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use lab::{Experiment, Kind, Run};
use sharing::park::ParkLock;
use sharing::spin::SpinLock;

/// By all threads together.
const TURNS: u64 = 2_000_000;

fn main() -> ExitCode {
    let locks: [(&str, &str, Lock); 5] = [
        ("unshared", "a number for each thread", unshared),
        ("fetch_add", "atomic addition", fetch_add),
        ("mutex", "std::sync::Mutex", mutex),
        ("spin", "ours, asking again", spin),
        ("park", "ours, asleep", park),
    ];
    let mut experiment = Experiment::new(
        "lock_contended",
        "What does a turn cost when several threads want the same lock?",
    )
    .baseline("mutex");
    for threads in [1, 2, 8] {
        let case = threads.to_string();
        experiment = experiment.case(&case, "threads that want the lock");
        for (name, label, lock) in locks {
            experiment =
                experiment.variant(Kind::Thread, name, label, move |run| {
                    let counted = lock(run, threads);
                    assert_eq!(counted, TURNS, "a turn was lost");
                    "every turn counted"
                });
        }
    }
    experiment.run()
}

/// Returns what was counted under the lock by so many threads.
type Lock = fn(&mut Run, u64) -> u64;

// ANCHOR: turns
/// The threads start together and do their share of the turns.
fn turns(run: &mut Run, threads: u64, turn: impl Fn() + Sync) {
    run.together(threads as usize, |_| {
        (0..TURNS / threads).for_each(|_| turn());
    });
    run.metric("each_ns", run.elapsed().as_nanos() as f64 / TURNS as f64);
}

fn mutex(run: &mut Run, threads: u64) -> u64 {
    let number = Mutex::new(0);
    turns(run, threads, || *number.lock().unwrap() += 1);
    number.into_inner().unwrap()
}

fn spin(run: &mut Run, threads: u64) -> u64 {
    let number = SpinLock::new(0);
    turns(run, threads, || number.with(|number| *number += 1));
    number.with(|number| *number)
}
// ANCHOR_END: turns

fn park(run: &mut Run, threads: u64) -> u64 {
    let number = ParkLock::new(0);
    turns(run, threads, || number.with(|number| *number += 1));
    number.with(|number| *number)
}

fn fetch_add(run: &mut Run, threads: u64) -> u64 {
    let number = AtomicU64::new(0);
    turns(run, threads, || {
        number.fetch_add(1, Relaxed);
    });
    number.into_inner()
}

/// Nothing to wait for, so this is what the loop itself costs.
fn unshared(run: &mut Run, threads: u64) -> u64 {
    turns(run, threads, || {
        black_box(1);
    });
    TURNS
}
