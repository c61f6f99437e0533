//! Who holds the lock when: our global lock, recorded.
//!
//! Run:  cargo run --example gil_turns
//! See:  two threads that compute hold the lock in turns of about 5 ms. One
//!       that waits now and then lets it go meanwhile, and when it comes back
//!       it waits again, for its turn. With the lock kept, all wait for one.
//!       `cargo book measure gil_turns` records the lanes; the book draws them.

use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

use global_lock::arrangement::recorded;
use global_lock::lock::GlobalLock;
use global_lock::machine::{Foreign, Job, Team};
use global_lock::object::Value;
use global_lock::program::Program;
use lab::timeline::State;
use lab::{Experiment, Kind, Run};

/// Computes all the time.
const SPIN: &str = "
    args n
    loop: load i  load n  unless_less done
          load i  const 1  add  store i
          jump loop
    done: load i  return";

/// Waits for 8 ms, then has a little to compute, again and again.
const NAPS: &str = "
    args n
    foreign sleep_ms
    loop: load i  load n  unless_less done
          const 8  wait sleep_ms  store slept
          const 0  store j
    work: load j  const 4000  unless_less next
          load j  const 1  add  store j
          jump work
    next: load i  const 1  add  store i
          jump loop
    done: load i  return";

fn main() -> ExitCode {
    let kept: &'static str = NAPS.replace("wait", "call").leak();
    Experiment::new("gil_turns", "Who holds the global lock, and for how long?")
        .baseline("none")
        .observed()
        .variant(Kind::Thread, "compute", "2 threads compute", |run| {
            turns(run, [("spins", SPIN, 600_000), ("spins too", SPIN, 600_000)])
        })
        .variant(Kind::Thread, "mixed", "1 computes, 1 waits", |run| {
            turns(run, [("spins", SPIN, 1_500_000), ("naps", NAPS, 6)])
        })
        .variant(
            Kind::Thread,
            "kept",
            "1 waits, and keeps the lock",
            move |run| {
                turns(run, [("spins", SPIN, 400_000), ("naps", kept, 6)])
            },
        )
        .run()
}

fn turns(run: &mut Run, jobs: [(&str, &str, i64); 2]) -> String {
    let names = jobs.map(|(name, _, _)| name);
    let jobs =
        jobs.map(|(_, text, n)| (Program::parse(text).expect("a program"), n));
    let nap = |ms: i64| {
        sleep(Duration::from_millis(ms as u64));
        ms
    };
    let jobs = jobs
        .iter()
        .map(|(program, n)| Job {
            program,
            own: vec![Value::Int(*n)],
            foreign: vec![&nap as Foreign<'_>],
        })
        .collect();
    let lock = GlobalLock::new(Duration::from_millis(5));
    let team = Team { shared: vec![], jobs, gate: run.gate(2) };
    run.start_clock();
    let (_, lanes) = recorded(&team, &lock, &names);
    run.stop_clock();
    let turns = lanes.iter().flat_map(|lane| &lane.spans);
    let turns = turns.filter(|span| span.state == State::WaitingLock).count();
    run.timeline(lanes);
    format!("{turns} waits for the lock")
}
