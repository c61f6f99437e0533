//! The same jobs with more and more threads than cores: what is the price?
//!
//! Run:  cargo run --example preempt_over
//! See:  the whole takes as long with 64 threads a core as with one, and half
//!       of the jobs do not notice. The jobs that are interrupted wait for
//!       everybody else's turn, so the slowest grow with the threads. `barrier`
//!       hides that: many of its threads wake up too late for a job.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use lab::{Experiment, Kind, Run};

const JOBS: u64 = 3_000;
// Some 400 µs a job: short beside a slice, long beside a switch.
const REPEATS: u64 = 2_400;

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "preempt_over",
        "What does it cost to have many more threads than cores?",
    )
    .baseline("none");
    for times in [1, 2, 4, 16, 64] {
        experiment = experiment
            .case(&times.to_string(), &format!("{times} threads a core"))
            .variant(Kind::Thread, "threads", "threads", move |run| {
                awake(run, run.threads() * times)
            })
            .variant(Kind::Thread, "barrier", "from a barrier", move |run| {
                asleep(run, run.threads() * times)
            });
    }
    experiment.run()
}

// ANCHOR: starts
fn awake(run: &mut Run, threads: usize) -> u64 {
    let gate = run.gate(threads);
    let wait = || gate.wait(); // gives way until the last one has come
    all_jobs(run, threads, wait, |_| {})
}

fn asleep(run: &mut Run, threads: usize) -> u64 {
    let barrier = Barrier::new(threads + 1);
    let wait = || _ = barrier.wait();
    all_jobs(run, threads, wait, |run| {
        run.start_clock();
        barrier.wait();
    })
}
// ANCHOR_END: starts

fn all_jobs(
    run: &mut Run,
    threads: usize,
    wait: impl Fn() + Sync,
    start: impl FnOnce(&mut Run),
) -> u64 {
    let next = AtomicU64::new(0);
    let worker = || {
        let (mut sum, mut times) = (0, Vec::new());
        wait();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= JOBS {
                return (sum, times);
            }
            let begun = Instant::now();
            sum += job(number);
            times.push(begun.elapsed().as_nanos() as u64);
        }
    };
    let done: Vec<(u64, Vec<u64>)> = thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        start(run);
        all.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    run.stop_clock();
    let idle = done.iter().filter(|(_, times)| times.is_empty()).count();
    run.metric("jobless_share", idle as f64 / threads as f64);
    note_times(run, done.iter().flat_map(|(_, times)| times));
    done.iter().map(|(sum, _)| sum).sum()
}

/// The answer does not depend on how often it is computed: Python's jobs
/// compute it less often.
fn job(number: u64) -> u64 {
    let mut answer = 0;
    for _ in 0..REPEATS {
        answer = black_box(chain(black_box(number + 1)));
    }
    answer
}

fn chain(mut x: u64) -> u64 {
    for _ in 0..50 {
        x = x * 48_271 % 0x7fff_ffff;
    }
    x
}

fn note_times<'a>(run: &mut Run, times: impl Iterator<Item = &'a u64>) {
    let mut times: Vec<u64> = times.copied().collect();
    times.sort_unstable();
    let at = |share: f64| {
        times[((times.len() - 1) as f64 * share) as usize] as f64 / 1e6
    };
    run.metric("job_p50_ms", at(0.5));
    run.metric("job_p99_ms", at(0.99));
    run.metric("job_worst_ms", at(1.0));
}
