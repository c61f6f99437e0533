//! Two threads that compute: in the language itself, or in what it calls?
//!
//! Run:  cargo run --example gil_native
//! See:  in Rust two threads on two cores come near 2. The rest is Python's:
//!       cargo book measure gil_native --python all
//!       Under a global lock a loop of Python's own gains nothing, and neither
//!       do hashes of small pieces. Hashing and compressing large ones gain.

use std::hint::black_box;
use std::process::ExitCode;

use lab::{Experiment, Kind, Run};

const STEPS: u64 = 600_000;
/// Rust would be done too soon to be timed, so it does it all ten times.
const REPEATS: u64 = 10;

fn main() -> ExitCode {
    Experiment::new(
        "gil_native",
        "Two threads compute in code that is not Python's: do they gain?",
    )
    .case("loop", "a loop of the language's own")
    .variant(Kind::Alone, "sequential", "one after another", |_| {
        format!("{} {}", repeated(0), repeated(1))
    })
    .variant(Kind::Thread, "threads", "2 threads", threads)
    .run()
}

fn threads(run: &mut Run) -> String {
    let answers = run.together(2, |which| repeated(which as u64));
    format!("{} {}", answers[0], answers[1])
}

#[inline(never)] // or each variant would get a loop of its own, and its speed
fn repeated(which: u64) -> u64 {
    let mut answer = 0;
    for _ in 0..REPEATS {
        answer = chain(black_box(which));
    }
    answer
}

/// Each step needs the one before, so no compiler can skip any.
fn chain(which: u64) -> u64 {
    (0..STEPS).fold(which + 1, |x, _| x * 48_271 % 2_147_483_647)
}
