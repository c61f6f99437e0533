//! One call for a pool of threads and for a pool of processes: how far can the
//! caller ignore which of them it has?
//!
//! Run:  cargo run --example process_same_call
//! See:  the same call gives the same answers, as long as a job is a named
//!       function and plain data. A change that a job makes is seen by the
//!       caller only if the job ran in a thread. Python, whose
//!       `concurrent.futures` offers the one call, has more such cases.

use std::io;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicU64, Ordering};

use lab::{Experiment, Kind, Run, rerun_self};
use processes::pool::{Pool, serve};
use rayon::prelude::*;

const NUMBERS: [u64; 5] = [0, 1, 2, 3, 4];

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "process_same_call",
        "Can one call serve threads and processes?",
    )
    .baseline("threads")
    .observed();
    for (case, label, observe) in [
        ("function", "squares of five numbers", function as Observe),
        ("change", "five jobs that raise a counter", change),
    ] {
        experiment = experiment
            .case(case, label)
            .variant(Kind::Thread, "threads", "threads", move |run| {
                observe(run, &mut Threads)
            })
            .variant(Kind::Process, "processes", "processes", move |run| {
                let start: Start = || rerun_self("worker", &[]);
                let pool = Pool::start(run.threads(), start).expect("a pool");
                observe(run, &mut Processes(pool))
            });
    }
    experiment.child("worker", |_| serve(by_name)).run()
}

type Observe = fn(&mut Run, &mut dyn Workers) -> String;
type Start = fn() -> io::Result<Command>;

// ANCHOR: workers
/// What a job can be, for threads and processes alike. A closure could not be
/// sent: it has no name, and no form that another process could read.
#[derive(Clone, Copy, Debug)]
enum Function {
    Square,
    Count,
}

trait Workers {
    fn map(&mut self, function: Function, numbers: &[u64]) -> Vec<u64>;
}

struct Threads;

impl Workers for Threads {
    fn map(&mut self, function: Function, numbers: &[u64]) -> Vec<u64> {
        numbers.par_iter().map(|n| apply(function, *n)).collect()
    }
}

struct Processes(Pool<Start>);

impl Workers for Processes {
    fn map(&mut self, function: Function, numbers: &[u64]) -> Vec<u64> {
        let job = |n: &u64| format!("{function:?} {n}");
        let jobs: Vec<String> = numbers.iter().map(job).collect();
        let answers = self.0.map(&jobs).into_iter();
        answers.map(|answer| answer.unwrap().parse().unwrap()).collect()
    }
}
// ANCHOR_END: workers

// ANCHOR: functions
static COUNTER: AtomicU64 = AtomicU64::new(0);

fn apply(function: Function, n: u64) -> u64 {
    match function {
        Function::Square => n * n,
        Function::Count => COUNTER.fetch_add(1, Ordering::Relaxed),
    }
}

/// The worker process's side.
fn by_name(job: &str) -> String {
    let (name, n) = job.split_once(' ').expect("a name and a number");
    let function = match name {
        "Square" => Function::Square,
        "Count" => Function::Count,
        other => panic!("no function is called {other}"),
    };
    apply(function, n.parse().expect("a number")).to_string()
}
// ANCHOR_END: functions

fn function(run: &mut Run, workers: &mut dyn Workers) -> String {
    let squares = workers.map(Function::Square, &NUMBERS);
    run.metric("worked", f64::from(u8::from(squares == [0, 1, 4, 9, 16])));
    format!("{squares:?}")
}

fn change(run: &mut Run, workers: &mut dyn Workers) -> String {
    let before = COUNTER.load(Ordering::Relaxed);
    workers.map(Function::Count, &NUMBERS);
    let seen = COUNTER.load(Ordering::Relaxed) - before;
    run.metric("worked", f64::from(u8::from(seen == 5)));
    format!("the caller sees {seen} of 5 changes")
}
