//! Threads allocate, free nearly all of it, and end. How much memory does the
//! process keep?
//!
//! Run:  cargo run --example threads_arenas
//! See:  `resident` beside `kept`: one block in a hundred is still in use, and
//!       nearly all of the memory stays with the process. `malloc_trim` gives
//!       back what has no block in use on its page. If all is freed, it goes
//!       back by itself.
//!
//! Every run is a process of its own.

use std::process::ExitCode;
use std::thread;

use lab::random::Random;
use lab::{Experiment, Kind, Run, os, take_over};

const THREADS: usize = 8;
/// What each thread allocates, in blocks of 64 bytes to 2 KiB.
const EACH: usize = 8 << 20;
/// One block in so many is kept.
const KEPT: usize = 100;

type Blocks = Vec<Vec<u8>>;

fn main() -> ExitCode {
    let question = "How much memory stays when threads free theirs?";
    let experiment = Experiment::new("threads_arenas", question)
        .baseline("freed")
        .variant(Kind::Thread, "freed", "all of it freed", |run| {
            child(run, "freed")
        })
        .variant(Kind::Thread, "kept", "1 in 100 kept", |run| {
            child(run, "kept")
        })
        .child("freed", |_| tell(usize::MAX, || {}))
        .child("kept", |_| tell(KEPT, || {}));
    with_glibc(experiment).run()
}

fn child(run: &mut Run, name: &str) -> String {
    take_over(run, name, &[])
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn with_glibc(experiment: Experiment) -> Experiment {
    experiment
        .variant(Kind::Thread, "one_arena", "1 in 100, one arena", |run| {
            child(run, "one_arena")
        })
        .variant(Kind::Thread, "trimmed", "1 in 100, malloc_trim", |run| {
            child(run, "trimmed")
        })
        .child("one_arena", |_| {
            // SAFETY: `mallopt` takes plain numbers; no other thread is here.
            unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
            tell(KEPT, || {});
        })
        .child("trimmed", |_| {
            tell(KEPT, || {
                // SAFETY: it only gives pages back that nobody uses.
                unsafe { libc::malloc_trim(0) };
            });
        })
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn with_glibc(experiment: Experiment) -> Experiment {
    experiment
}

// ANCHOR: work
/// Allocates, and drops all blocks but one in `kept`.
fn work(n: usize, kept: usize) -> Blocks {
    let (mut random, mut all, mut bytes) = (seeded(n), Blocks::new(), 0);
    while bytes < EACH {
        let size = 64 + random.below(2 << 10);
        all.push(vec![1; size]); // written to, so it is really there
        bytes += size;
    }
    all.into_iter().step_by(kept).skip(1).collect()
}
// ANCHOR_END: work

fn seeded(n: usize) -> Random {
    Random::new(n as u64 + 1)
}

fn tell(kept: usize, then: impl FnOnce()) {
    let before = resident();
    let threads: Vec<_> =
        (0..THREADS).map(|n| thread::spawn(move || work(n, kept))).collect();
    let left: Blocks =
        threads.into_iter().flat_map(|t| t.join().unwrap()).collect();
    then();
    if let (Some(before), Some(after)) = (before, resident()) {
        println!("resident_bytes {}", after.saturating_sub(before));
    }
    println!("allocated_bytes {}", THREADS * EACH);
    println!("kept_bytes {}", left.iter().map(Vec::len).sum::<usize>());
    println!("answer freed");
}

fn resident() -> Option<u64> {
    os::memory_bytes().map(|(resident, _)| resident)
}
