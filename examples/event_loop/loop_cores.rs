//! Computing in tasks: a piece of work for each core, on one loop, on tokio's
//! workers, on a loop in each thread, on a loop in each process.
//!
//! Run:  cargo run --example loop_cores
//! See:  one loop keeps to one core, however many tasks it has. Several loops,
//!       or a loop with several workers, use them all.
//!
//! The tasks give way every millisecond or so, as they should. That lets others
//! have a turn; it makes nothing parallel.

use std::hint::black_box;
use std::process::ExitCode;
use std::thread;

use event_loop::library::{one_thread, several_threads};
use event_loop::{EventLoop, yield_now};
use lab::{Crew, Experiment, Kind, Run};
use tokio::runtime::Runtime;

/// As many as Python takes a tenth of a second for. Rust does them over and
/// over, for times of the same order; only speed-ups are compared.
const STEPS: u32 = 1_000_000;
const REPEATS: u32 = 20;
/// Steps between two turns.
const TURN: u32 = 250_000;

fn main() -> ExitCode {
    let question = "Computing in tasks: how many cores do they use?";
    Experiment::new("loop_cores", question)
        .variant(Kind::Alone, "sequential", "one after another", |run| {
            (0..run.threads() as u64).map(plain_piece).sum::<u64>()
        })
        .variant(Kind::Task, "one_loop", "tasks on tokio's loop", |run| {
            in_tasks(run, one_thread())
        })
        .variant(Kind::Task, "own", "tasks on our own loop", own)
        .variant(Kind::Task, "workers", "tasks on tokio's workers", |run| {
            let runtime = several_threads(run.threads());
            in_tasks(run, runtime)
        })
        .variant(Kind::Thread, "threads", "a loop in each thread", threads)
        .variant(
            Kind::Process,
            "processes",
            "a loop in each process",
            processes,
        )
        .crew("piece", |i, _| one_thread().block_on(piece(i)).to_string())
        .run()
}

fn in_tasks(run: &mut Run, runtime: Runtime) -> u64 {
    let pieces = run.threads() as u64;
    run.start_clock();
    let sum = runtime.block_on(async {
        let all: Vec<_> = (0..pieces).map(|i| tokio::spawn(piece(i))).collect();
        let mut sum = 0;
        for task in all {
            sum += task.await.unwrap();
        }
        sum
    });
    run.stop_clock();
    sum
}

/// Each thread has a loop of its own, and its loop a task.
fn threads(run: &mut Run) -> u64 {
    let gate = run.gate(run.threads());
    let start = |i| {
        let gate = gate.clone();
        thread::spawn(move || {
            let event_loop = one_thread();
            gate.wait();
            event_loop.block_on(piece(i))
        })
    };
    let all: Vec<_> = (0..run.threads() as u64).map(start).collect();
    all.into_iter().map(|thread| thread.join().unwrap()).sum()
}

/// The same in processes, which were started beforehand.
fn processes(run: &mut Run) -> u64 {
    let mut crew =
        Crew::start("piece", run.threads()).expect("the processes start");
    let answers = crew.go(run, &[]).expect("each process answers");
    answers
        .iter()
        .map(|answer| answer.parse::<u64>().expect("an answer is a number"))
        .sum()
}

fn own(run: &mut Run) -> u64 {
    let event_loop = EventLoop::new().expect("the kernel has a poller");
    let handle = event_loop.handle();
    let pieces = run.threads() as u64;
    run.start_clock();
    let sum = event_loop.run(async {
        let all: Vec<_> = (0..pieces).map(|i| handle.spawn(piece(i))).collect();
        let mut sum = 0;
        for task in all {
            sum += task.await;
        }
        sum
    });
    run.stop_clock();
    sum
}

/// Piece `i` of the work, in turns; `yield_now` is at home on any loop.
async fn piece(i: u64) -> u64 {
    let mut x = 0;
    for _ in 0..REPEATS {
        x = black_box(i + 1);
        for _ in 0..STEPS / TURN {
            x = steps(x);
            yield_now().await;
        }
    }
    x
}

fn plain_piece(i: u64) -> u64 {
    let mut x = 0;
    for _ in 0..REPEATS {
        x = black_box(i + 1);
        for _ in 0..STEPS / TURN {
            x = steps(x);
        }
    }
    x
}

/// Each step needs the one before.
#[inline(never)] // or each variant would get a loop of its own, and its speed
fn steps(mut x: u64) -> u64 {
    for _ in 0..TURN {
        x = x * 48_271 % 0x7fff_ffff;
    }
    x
}
