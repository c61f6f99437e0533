//! Computing and waiting: what is a job's time made of?
//!
//! Run:  cargo run --example work_kinds
//! See:  three jobs that each ask a server and compute with what it says. For
//!       `chain` and `sum` the CPU column is near 100 %, and twice the work is
//!       twice the time. For `ask` it is near 0, and only the delay matters:
//!       neither twice the work nor half a core changes much. In `list` the
//!       same additions take longer when the numbers come from memory.
//!
//! Where threads cannot be kept on one core (macOS, Windows), there is no
//! `half_core`.

use std::fs;
use std::hint::black_box;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::LazyLock;
use std::time::Duration;

use lab::{Experiment, Helper, Kind, Run, os, rerun_self};
use work::{REPEATS, ask, chain, server};

/// Asks, computes with the answer, and asks again.
#[derive(Clone, Copy)]
struct Job {
    requests: u64,
    delay_ms: u64,
    times: u64,
    piece: fn(u64) -> u64,
}

const CHAIN: Job = Job {
    requests: 1,
    delay_ms: 1,
    times: REPEATS,
    piece: |x| chain(x, 2_000_000),
};
const SUM: Job = Job { piece: |x| x + sum(&FAR), ..CHAIN };
const ASK: Job = Job {
    requests: 5,
    delay_ms: 50,
    times: REPEATS,
    piece: |x| chain(x, 2_000),
};

fn main() -> ExitCode {
    let jobs = [
        ("chain", "one question, then a long computation", CHAIN),
        ("sum", "one question, then the sum of a list", SUM),
        ("ask", "five questions, a little computation each", ASK),
    ];
    let mut experiment = Experiment::new(
        "work_kinds",
        "What is a job's time made of: computing or waiting?",
    )
    .baseline("once");
    for (case, label, job) in jobs {
        let work2 = Job { times: 2 * job.times, ..job };
        let delay2 = Job { delay_ms: 2 * job.delay_ms, ..job };
        let once = "as it is";
        experiment = experiment
            .case(case, label)
            .variant(Kind::Alone, "once", once, move |run| timed(run, job))
            .variant(Kind::Alone, "work2", "twice the work", move |run| {
                timed(run, work2)
            })
            .variant(Kind::Alone, "delay2", "twice the delay", move |run| {
                timed(run, delay2)
            });
        if case != "sum" && os::allowed_cpus().is_some() {
            experiment = experiment.variant(
                Kind::Alone,
                "half_core",
                "on half a core",
                move |run| half_core(run, job),
            );
        }
    }
    experiment
        .case("list", "the same additions")
        .variant(Kind::Alone, "near", "2 048 numbers, again and again", |run| {
            added(run, &NEAR)
        })
        .variant(Kind::Alone, "far", "8 million numbers", |run| {
            added(run, &FAR)
        })
        .child("rival", |_| spin())
        .run()
}

// ANCHOR: job
fn run_job(server: SocketAddr, job: Job) -> u64 {
    let mut total = 0;
    for n in 0..job.requests {
        let answer = ask(server, n, job.delay_ms); // waits
        let mut result = 0;
        for _ in 0..job.times {
            result = (job.piece)(black_box(answer)); // computes
        }
        total += result;
    }
    total
}
// ANCHOR_END: job

/// The server and the list are there before the clock starts.
fn timed(run: &mut Run, job: Job) -> u64 {
    let server = server();
    LazyLock::force(&FAR);
    watched(run, server, job)
}

/// Shares its core with a process that never stops computing. The scheduler is
/// fair, so half of the core is what remains.
fn half_core(run: &mut Run, job: Job) -> u64 {
    let all = os::allowed_cpus().expect("asked before");
    let server = server();
    os::pin_to(&all[..1]);
    let rival = rerun_self("rival", &[])
        .and_then(Helper::start)
        .expect("a child process");
    let answer = watched(run, server, job);
    drop(rival); // ends it
    os::pin_to(&all);
    answer
}

/// Notes for how much of its time the job was ready and had no core.
fn watched(run: &mut Run, server: SocketAddr, job: Job) -> u64 {
    let before = waited_for_core();
    run.start_clock();
    let answer = run_job(server, job);
    run.stop_clock();
    if let (Some(before), Some(after)) = (before, waited_for_core()) {
        let share = (after - before).div_duration_f64(run.elapsed());
        run.metric("core_wait_share", share);
    }
    answer
}

/// By this thread, since it began. Linux counts it, in nanoseconds.
fn waited_for_core() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let waited = text.split_whitespace().nth(1)?;
    Some(Duration::from_nanos(waited.parse().ok()?))
}

/// The rival's side: it inherits our place on the core.
fn spin() {
    std::thread::spawn(|| {
        println!("ready");
        loop {
            black_box(chain(black_box(1), 1_000));
        }
    });
    let _ = io::stdin().read_to_end(&mut Vec::new());
}

/// How many numbers a sum adds, however long its list is.
const ADDITIONS: usize = 1 << 24;

static NEAR: LazyLock<Vec<u64>> = LazyLock::new(|| list(1 << 11));
static FAR: LazyLock<Vec<u64>> = LazyLock::new(|| list(1 << 23));

fn list(length: u64) -> Vec<u64> {
    (0..length).map(|i| i % 2_048).collect()
}

/// The list fits into a core's nearest cache, or does not, and is gone through
/// as often as it takes.
fn sum(list: &[u64]) -> u64 {
    let passes = ADDITIONS / list.len();
    let add = u64::wrapping_add; // as a release build does: no check
    (0..passes)
        .map(|_| black_box(list).iter().copied().fold(0, add))
        .fold(0, add)
}

fn added(run: &mut Run, list: &LazyLock<Vec<u64>>) -> u64 {
    LazyLock::force(list);
    run.start_clock();
    let sums = (0..REPEATS).map(|_| sum(list));
    sums.last().unwrap_or_default()
}
