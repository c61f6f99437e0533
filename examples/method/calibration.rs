//! Work whose answer is known before: what does the lab say of it?
//!
//! Run:  cargo run --example calibration
//! See:  a sleep as long as it was asked for, twice the work at half the
//!       speed, one percent more told apart from none, two variants that slow
//!       down alike still alike, and two processes as fast as one.

use std::cell::Cell;
use std::hint::black_box;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use lab::{Crew, Experiment, Kind, Run};

const STEPS: u64 = 4_000_000;
const SLEEP: Duration = Duration::from_millis(5);

fn main() -> ExitCode {
    Experiment::new("calibration", "Does the lab find what was planted?")
        .baseline("spin")
        .observed()
        .variant(Kind::Alone, "empty", "nothing at all", |_| 0)
        .variant(Kind::Alone, "sleep", "a sleep of 5 ms", |_| {
            thread::sleep(SLEEP);
            0
        })
        .variant(Kind::Alone, "spin", "a chain of steps", |_| spin(STEPS))
        .variant(Kind::Alone, "again", "the same once more", |_| spin(STEPS))
        .variant(Kind::Alone, "one_percent", "1 % more steps", |_| {
            spin(STEPS + STEPS / 100)
        })
        .variant(Kind::Alone, "double", "twice the steps", |_| spin(2 * STEPS))
        .variant(
            Kind::Alone,
            "drift",
            "1 % more steps with each run",
            drifting(),
        )
        .variant(Kind::Alone, "drift_too", "likewise", drifting())
        .variant(Kind::Process, "one", "one pinned process", |run| {
            pinned(run, 1)
        })
        .variant(Kind::Process, "two", "two pinned processes", |run| {
            pinned(run, 2)
        })
        .crew("spinner", |_, _| spin(4 * STEPS).to_string())
        .run()
}

/// Each step needs the one before, and the answer needs them all.
fn spin(steps: u64) -> u64 {
    (0..steps).fold(black_box(1), |x, _| x * 48_271 % 2_147_483_647)
}

fn drifting() -> impl Fn(&mut Run) -> u64 {
    let runs = Cell::new(0);
    move |_| {
        runs.set(runs.get() + 1);
        spin(STEPS + STEPS / 100 * runs.get())
    }
}

fn pinned(run: &mut Run, processes: usize) -> u64 {
    let mut crew =
        Crew::start("spinner", processes, &[]).expect("the processes start");
    run.start_clock();
    let (answers, counters) = crew.go().expect("each process answers");
    run.stop_clock();
    run.add_counters(counters);
    answers.len() as u64
}
