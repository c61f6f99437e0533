//! Our own interpreter, four ways: what does each cost, and what does it gain?
//!
//! Run:  cargo run --example gil_own
//! See:  for the computation, two threads under one lock gain nothing, and two
//!       interpreters with a lock each nearly as much as there are cores. With
//!       atomic counts two threads share their constants, and gain little or
//!       lose. For the naps all gain alike.
//!
//! What ends in `alone` runs both jobs in one thread: what the arrangement
//! costs a program that does not need it.

use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;

use global_lock::arrangement::{alone, free, locked, separate};
use global_lock::lock::GlobalLock;
use global_lock::machine::{Foreign, Job, Team};
use global_lock::object::{Atomic, Immortal, Plain, Value};
use global_lock::program::Program;
use lab::{Experiment, Gate, Kind, Run};

/// What CPython does by default.
const INTERVAL: Duration = Duration::from_millis(5);

const CHAIN: &str = "
          const 1  store x                        # x = 1
    loop: load i  const 300000  unless_less done  # while i < 300000:
          load x  const 48271  multiply
          const 2147483647  remainder  store x    #     x = x * 48271 % ...
          load i  const 1  add  store i           #     i += 1
          jump loop
    done: load x  return                          # return x";

const NAPS: &str = "
    foreign sleep_ms
    loop: load i  const 6  unless_less done       # while i < 6:
          const 5  wait sleep_ms                  #     slept +=
          load slept  add  store slept            #         sleep_ms(5)
          load i  const 1  add  store i           #     i += 1
          jump loop
    done: load slept  return                      # return slept";

type Way = fn(&Team<'_>) -> Vec<Value>;

fn main() -> ExitCode {
    let ways: [(Kind, &str, &str, Way); 8] = [
        (Kind::Alone, "sequential", "plain, alone", alone::<Plain>),
        (Kind::Alone, "lock_alone", "global lock, alone", lock_alone),
        (Kind::Thread, "lock", "global lock", lock),
        (Kind::Thread, "interpreters", "a lock each", interpreters),
        (Kind::Alone, "atomic_alone", "atomic, alone", alone::<Atomic>),
        (Kind::Thread, "atomic", "atomic", free::<Atomic>),
        (Kind::Alone, "immortal_alone", "immortal, alone", alone::<Immortal>),
        (Kind::Thread, "immortal", "immortal constants", free::<Immortal>),
    ];
    let mut experiment = Experiment::new(
        "gil_own",
        "One global lock, a lock each, or atomic counts: what gains what?",
    );
    for (case, about, text) in [
        ("compute", "two computations that share nothing", CHAIN),
        ("sleep", "two jobs of six naps of 5 ms", NAPS),
    ] {
        experiment = experiment.case(case, about);
        for (kind, name, label, way) in ways {
            experiment = experiment.variant(kind, name, label, with(text, way));
        }
    }
    experiment.run()
}

fn lock(team: &Team<'_>) -> Vec<Value> {
    locked(team, &GlobalLock::new(INTERVAL))
}

fn lock_alone(team: &Team<'_>) -> Vec<Value> {
    let lock = GlobalLock::new(INTERVAL);
    let mut answers = Vec::new();
    for job in &team.jobs {
        let (jobs, gate) = (vec![job.clone()], Gate::of(1));
        let one = Team { shared: vec![], jobs, gate };
        answers.extend(locked(&one, &lock));
    }
    answers
}

fn interpreters(team: &Team<'_>) -> Vec<Value> {
    separate(team, INTERVAL)
}

/// Two jobs that run the same program.
fn with(text: &str, way: Way) -> impl Fn(&mut Run) -> String + use<> {
    let program = Program::parse(text).expect("a program");
    move |run| {
        let sleep_ms = |n: i64| {
            sleep(Duration::from_millis(n as u64));
            n
        };
        let foreign: Vec<Foreign<'_>> =
            program.foreign.iter().map(|_| &sleep_ms as Foreign<'_>).collect();
        let job = Job { program: &program, own: vec![], foreign };
        let (jobs, gate) = (vec![job.clone(), job], run.gate(2));
        let team = Team { shared: vec![], jobs, gate };
        run.start_clock();
        let answers = way(&team);
        run.stop_clock();
        let answers: Vec<String> =
            answers.iter().map(Value::to_string).collect();
        answers.join(" ")
    }
}
