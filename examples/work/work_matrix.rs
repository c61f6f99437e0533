//! Each model and each kind of work: what does it gain?
//!
//! Run:  cargo run --example work_matrix
//! See:  for `cpu`, whatever uses all cores gains as much as there are cores,
//!       and tasks on one thread gain nothing. For `io`, what counts is how
//!       many pieces can wait at the same time: all sixteen in threads and
//!       tasks, one for each worker in a pool or in processes.
//!
//! Threads, pools, processes and runtimes are there before the clock starts; a
//! task for each piece is made after it.

use std::hint::black_box;
use std::net::SocketAddr;
use std::process::ExitCode;

use lab::{Crew, Experiment, Kind, Run};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use work::{REPEATS, ask, chain, request, server, squares};

const PIECES: u64 = 16;
const STEPS: u64 = 150_000;
const DELAY_MS: u64 = 20;

/// What a piece is: computing, or waiting for this server.
#[derive(Clone, Copy)]
enum Work {
    Cpu,
    Io(SocketAddr),
}

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "work_matrix",
        "What does each model gain for each kind of work?",
    );
    for (case, label) in
        [("cpu", "16 pieces of computing"), ("io", "16 questions, 20 ms each")]
    {
        let variant = |how: fn(&mut Run, Work) -> u64| {
            move |run: &mut Run| {
                let work =
                    if case == "cpu" { Work::Cpu } else { Work::Io(server()) };
                run.start_clock();
                how(run, work)
            }
        };
        let (alone, thread) = (Kind::Alone, Kind::Thread);
        let (process, task) = (Kind::Process, Kind::Task);
        experiment = experiment
            .case(case, label)
            .variant(alone, "sequential", "one by one", variant(sequential))
            .variant(thread, "threads", "16 threads", variant(threads))
            .variant(thread, "pool", "rayon, one per core", variant(pool))
            .variant(
                process,
                "processes",
                "processes, one per core",
                variant(processes),
            )
            .variant(task, "tasks", "16 tasks, one thread", variant(tasks))
            .variant(
                task,
                "tasks_cores",
                "16 tasks, a thread per core",
                variant(tasks_cores),
            );
    }
    experiment.crew("share", share).run()
}

impl Work {
    fn piece(self, n: u64) -> u64 {
        match self {
            Work::Cpu => compute(n),
            Work::Io(server) => ask(server, n, DELAY_MS),
        }
    }

    /// The same for a task, which must not block its thread to wait.
    async fn async_piece(self, n: u64) -> u64 {
        match self {
            Work::Cpu => compute(n),
            Work::Io(server) => ask_async(server, n).await,
        }
    }
}

fn compute(n: u64) -> u64 {
    let mut result = 0;
    for _ in 0..REPEATS {
        result = chain(black_box(n), STEPS);
    }
    result
}

// ANCHOR: models
fn sequential(_: &mut Run, work: Work) -> u64 {
    (0..PIECES).map(|n| work.piece(n)).sum()
}

fn threads(run: &mut Run, work: Work) -> u64 {
    run.together(PIECES as usize, |n| work.piece(n as u64)).iter().sum()
}

fn run_tasks(run: &mut Run, runtime: &Runtime, work: Work) -> u64 {
    run.start_clock();
    let sum = runtime.block_on(async {
        let all: Vec<_> =
            (0..PIECES).map(|n| tokio::spawn(work.async_piece(n))).collect();
        let mut sum = 0;
        for task in all {
            sum += task.await.unwrap();
        }
        sum
    });
    run.stop_clock();
    sum
}
// ANCHOR_END: models

fn tasks(run: &mut Run, work: Work) -> u64 {
    let runtime = Builder::new_current_thread().enable_io().build();
    run_tasks(run, &runtime.expect("a runtime"), work)
}

fn tasks_cores(run: &mut Run, work: Work) -> u64 {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(run.threads()).enable_io().build();
    run_tasks(run, &runtime.expect("a runtime"), work)
}

fn pool(run: &mut Run, work: Work) -> u64 {
    let builder = ThreadPoolBuilder::new().num_threads(run.threads());
    let pool = builder.build().expect("a pool");
    run.start_clock();
    let pieces = (0..PIECES).into_par_iter();
    let sum = pool.install(|| pieces.map(|n| work.piece(n)).sum());
    run.stop_clock();
    sum
}

/// Every process does its share: piece i, i + workers, i + 2 workers …
fn processes(run: &mut Run, work: Work) -> u64 {
    let workers = run.threads();
    let mut args = vec![workers.to_string()];
    if let Work::Io(server) = work {
        args.push(server.to_string());
    }
    let mut crew = Crew::start("share", workers).expect("processes");
    let answers = crew.go(run, &args).expect("an answer from each");
    answers.iter().map(|answer| answer.parse::<u64>().expect("a number")).sum()
}

/// What one of the processes does.
fn share(i: u64, args: &[String]) -> String {
    let workers: usize = args[0].parse().expect("a number");
    let work = match args.get(1) {
        Some(server) => Work::Io(server.parse().expect("an address")),
        None => Work::Cpu,
    };
    let mine = (i..PIECES).step_by(workers);
    mine.map(|n| work.piece(n)).sum::<u64>().to_string()
}

async fn ask_async(server: SocketAddr, n: u64) -> u64 {
    let mut connection = TcpStream::connect(server).await.expect("a server");
    let request = request(&n.to_string(), DELAY_MS);
    connection.write_all(request.as_bytes()).await.expect("a server");
    let mut response = String::new();
    // The thread goes on with other tasks until there is an answer.
    connection.read_to_string(&mut response).await.expect("an answer");
    squares(&response).expect("a number")[0]
}
