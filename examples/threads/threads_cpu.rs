//! Arithmetic in threads: do two of them compute twice as fast as one?
//!
//! Run:  cargo run --example threads_cpu
//! See:  for both kinds of arithmetic, threads close to the ceiling, and all
//!       three kinds of threads alike. The CPU column passes 100 %. How high
//!       the ceiling is for `lanes` depends on whether your hardware threads
//!       are whole cores.
//!
//! The work is one piece for each worker; `sequential` does the same pieces one
//! after another, so the best possible speed-up is the number of workers.

use std::hint::black_box;
use std::process::ExitCode;
use std::thread;

use lab::{Crew, Experiment, Kind, Run};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

/// Computes piece `i` of the work.
type Piece = fn(u64) -> u64;

fn main() -> ExitCode {
    let chain: (&str, &str, Piece) =
        ("chain", "each step waits for the step before", chain);
    let lanes: (&str, &str, Piece) =
        ("lanes", "eight chains side by side, as many steps", lanes);
    let question = "Do two threads compute twice as fast as one?";
    let mut experiment = Experiment::new("threads_cpu", question);
    for (case, label, piece) in [chain, lanes] {
        experiment = experiment
            .case(case, label)
            .variant(
                Kind::Alone,
                "sequential",
                "one after another",
                move |run| sequential(run, piece),
            )
            .variant(Kind::Thread, "threads", "std::thread", move |run| {
                threads(run, piece)
            })
            .variant(Kind::Thread, "scoped", "scoped threads", move |run| {
                scoped(run, piece)
            })
            .variant(Kind::Thread, "rayon", "rayon", move |run| {
                rayon(run, piece)
            })
            .variant(
                Kind::Process,
                "ceiling",
                "ceiling: pinned processes",
                move |run| ceiling(run, case),
            )
            .crew(case, move |i, _| piece(i).to_string());
    }
    experiment.run()
}

// ANCHOR: variants
fn sequential(run: &mut Run, piece: Piece) -> u64 {
    (0..run.threads() as u64).map(piece).sum()
}

fn threads(run: &mut Run, piece: Piece) -> u64 {
    // When all have come to the gate, the clock starts and they go on.
    let gate = run.gate(run.threads());
    let handles: Vec<_> = (0..run.threads() as u64)
        .map(|i| thread::spawn(gate.then(move || piece(i))))
        .collect();
    handles.into_iter().map(|handle| handle.join().unwrap()).sum()
}

fn scoped(run: &mut Run, piece: Piece) -> u64 {
    let gate = run.gate(run.threads());
    let mut answers = vec![0; run.threads()];
    thread::scope(|scope| {
        for (i, answer) in answers.iter_mut().enumerate() {
            // A scoped thread may borrow: the scope ends after it does.
            scope.spawn(gate.then(move || *answer = piece(i as u64)));
        }
    });
    answers.iter().sum()
}
// ANCHOR_END: variants

/// The pool is there before the clock starts, as it would be in a program.
fn rayon(run: &mut Run, piece: Piece) -> u64 {
    let (threads, pieces) = (run.threads(), run.threads() as u64);
    let pool =
        ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    run.start_clock();
    let sum = pool.install(|| (0..pieces).into_par_iter().map(piece).sum());
    run.stop_clock();
    sum
}

/// What this machine can do at best: one process on each hardware thread,
/// nothing shared, started before the clock is.
fn ceiling(run: &mut Run, case: &str) -> u64 {
    let mut crew = Crew::start(case, run.threads()).expect("child processes");
    let answers = crew.go(run, &[]).expect("an answer from each child");
    answers.iter().map(|answer| answer.parse::<u64>().expect("a number")).sum()
}

const STEPS: u64 = 2_000_000;

// ANCHOR: work
/// The generator of Park and Miller: a multiplication and a remainder, each
/// step on the result of the last. A compiler cannot fold it or run ahead of
/// it.
fn step(x: u64) -> u64 {
    x * 48_271 % 0x7fff_ffff
}

fn chain(i: u64) -> u64 {
    let mut x = black_box(i + 1);
    for _ in 0..STEPS {
        x = step(x);
    }
    x
}

fn lanes(i: u64) -> u64 {
    let mut x: [u64; 8] =
        black_box(std::array::from_fn(|lane| 8 * i + lane as u64 + 1));
    for _ in 0..STEPS / 8 {
        x = x.map(step);
    }
    x.iter().sum()
}
// ANCHOR_END: work
