//! From what size of job on do processes, threads and a pool pay?
//!
//! Run:  cargo run --example process_break_even
//! See:  column `speed-up` passes 1 for threads, and for our pool's processes,
//!       at jobs of some hundred microseconds, for a process for each job at
//!       some milliseconds. rayon's threads, there already, pay much earlier.
//!
//! A case is named by the steps of a job; a step takes some nanoseconds. There
//! is a job for each hardware thread, and the baseline does them in turn.

use std::process::{Child, ExitCode, Stdio};
use std::thread;

use lab::{Experiment, Kind, Run, rerun_self};
use processes::pool::{Pool, serve};
use processes::{chain, ended_well};
use rayon::prelude::*;

const STEPS: [u64; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];

/// The jobs to do, and how often: small ones more often than large ones, so
/// that no clock is read for microseconds.
#[derive(Clone, Copy)]
struct Jobs {
    count: u64,
    steps: u64,
}

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "process_break_even",
        "How large must a job be for another process to pay?",
    );
    for steps in STEPS {
        let jobs = move |run: &Run| Jobs { count: run.threads() as u64, steps };
        experiment = experiment
            .case(&steps.to_string(), "steps a job")
            .variant(Kind::Alone, "sequential", "in turn", move |run| {
                let jobs = jobs(run);
                repeated(run, steps, || sequential(jobs))
            })
            .variant(Kind::Thread, "threads", "a thread a job", move |run| {
                let jobs = jobs(run);
                repeated(run, steps, || threads(jobs))
            })
            .variant(Kind::Thread, "rayon", "rayon", move |run| {
                let jobs = jobs(run);
                let pool = rayon::ThreadPoolBuilder::new()
                    .num_threads(run.threads())
                    .build()
                    .expect("a pool");
                pool.broadcast(|_| ()); // now all of them are there
                repeated(run, steps, || pool.install(|| rayon(jobs)))
            })
            .variant(
                Kind::Process,
                "processes",
                "a process a job",
                move |run| {
                    let jobs = jobs(run);
                    repeated(run, steps, || processes(jobs))
                },
            )
            .variant(
                Kind::Process,
                "pool",
                "our pool of processes",
                move |run| {
                    let jobs = jobs(run);
                    let mut pool = Pool::start(run.threads(), || {
                        rerun_self("worker", &[])
                    })
                    .expect("a pool");
                    run.elsewhere();
                    pooled(&mut pool, jobs); // now all of them are there
                    repeated(run, steps, || pooled(&mut pool, jobs))
                },
            );
    }
    experiment
        .child("job", |args| println!("{}", parsed(&args[0])))
        .child("worker", |_| serve(|job| parsed(job).to_string()))
        .run()
}

// ANCHOR: variants
fn sequential(jobs: Jobs) -> u64 {
    (0..jobs.count).map(|i| chain(i, jobs.steps)).sum()
}

fn threads(jobs: Jobs) -> u64 {
    thread::scope(|scope| {
        let all: Vec<_> = (0..jobs.count)
            .map(|i| scope.spawn(move || chain(i, jobs.steps)))
            .collect();
        all.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

fn rayon(jobs: Jobs) -> u64 {
    (0..jobs.count).into_par_iter().map(|i| chain(i, jobs.steps)).sum()
}

fn processes(jobs: Jobs) -> u64 {
    let all: Vec<Child> = (0..jobs.count)
        .map(|i| {
            let mut child =
                rerun_self("job", &[job(i, jobs)]).expect("our path");
            child.stdin(Stdio::null()).stdout(Stdio::piped());
            child.spawn().expect("a child process")
        })
        .collect();
    all.into_iter()
        .map(|child| {
            let out = child.wait_with_output().expect("it is ours");
            ended_well(out.status).expect("a job that is done");
            let said = String::from_utf8(out.stdout).expect("text");
            said.trim().parse::<u64>().expect("a number")
        })
        .sum()
}
// ANCHOR_END: variants

fn pooled<C>(pool: &mut Pool<C>, jobs: Jobs) -> u64
where
    C: Fn() -> std::io::Result<std::process::Command> + Sync,
{
    let jobs: Vec<String> = (0..jobs.count).map(|i| job(i, jobs)).collect();
    let answers = pool.map(&jobs).into_iter();
    answers.map(|answer| answer.unwrap().parse::<u64>().unwrap()).sum()
}

/// A job as text, since it leaves the process.
fn job(i: u64, jobs: Jobs) -> String {
    format!("{i}:{}", jobs.steps)
}

fn parsed(job: &str) -> u64 {
    let (i, steps) = job.split_once(':').expect("a job");
    chain(i.parse().expect("a number"), steps.parse().expect("a number"))
}

fn repeated(run: &mut Run, steps: u64, mut work: impl FnMut() -> u64) -> u64 {
    let times = (100_000 / steps).clamp(1, 20);
    run.start_clock();
    let sum: u64 = (0..times).map(|_| work()).sum();
    run.stop_clock();
    sum / times
}
