//! The count of a much-read article, twice: what do threads and processes gain?
//!
//! Run:  cargo run --example gil_count
//! See:  in Rust both gain, up to 2 times on two cores. For every Python you
//!       have:
//!       cargo book measure gil_count --python all
//!       Threads gain nothing where a global lock is on.

use std::hint::black_box;
use std::process::ExitCode;
use std::thread;

use lab::{Crew, Experiment, Kind, Run};

/// A tenth of the article's count, so that a run over a dozen interpreters ends
/// the same day.
const COUNT: u64 = 10_000_000;
/// Rust counts so fast that it would be done in a few milliseconds, so it
/// counts twenty times over.
const REPEATS: u64 = 20;

fn main() -> ExitCode {
    Experiment::new(
        "gil_count",
        "Two counts: do two threads do them in the time of one?",
    )
    .variant(Kind::Alone, "sequential", "one after another", |_| {
        count() + count()
    })
    .variant(Kind::Thread, "threads", "2 threads", threads)
    .variant(Kind::Process, "processes", "2 processes", processes)
    .crew("count", |_, _| count().to_string())
    .run()
}

// ANCHOR: count
#[inline(never)] // or each variant would get a loop of its own, and its speed
fn count() -> u64 {
    let mut n = 0;
    for _ in 0..COUNT * REPEATS {
        n += black_box(1); // or the compiler would know the end
    }
    n / REPEATS
}

fn threads(run: &mut Run) -> u64 {
    let gate = run.gate(2); // the last one to come starts the clock
    let one = thread::spawn(gate.then(count));
    let other = thread::spawn(gate.then(count));
    one.join().unwrap() + other.join().unwrap()
}
// ANCHOR_END: count

/// Started beforehand, as Python's pools are.
fn processes(run: &mut Run) -> u64 {
    let mut crew = Crew::start("count", 2).expect("child processes");
    let answers = crew.go(run, &[]).expect("an answer from each child");
    answers.iter().map(|answer| answer.parse::<u64>().expect("a number")).sum()
}
