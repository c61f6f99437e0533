//! Two threads count up to the same bound. Who owns the number?
//!
//! Run:  cargo run --example gil_shared
//! See:  under the global lock it makes no difference. With atomic counts two
//!       threads are slower if they share a number, though they only read it:
//!       reading it counts a reference up and down. A copy for each thread
//!       cures it, if nothing else is shared either: not even the constants.
//!
//! `cargo book measure gil_shared --python all` asks CPython's builds too.

use std::process::ExitCode;
use std::time::Duration;

use global_lock::arrangement::{alone, free, locked};
use global_lock::lock::GlobalLock;
use global_lock::machine::{Job, Team};
use global_lock::object::{Atomic, Immortal, Plain, Value};
use global_lock::program::Program;
use lab::{Experiment, Kind, Run};

const BOUND: i64 = 600_000;

// ANCHOR: count
const COUNT: &str = "
    args n
    loop: load i  load n  unless_less done        # while i < n:
          load i  const 1  add  store i           #     i += 1
          jump loop
    done: load i  return                          # return i";
// ANCHOR_END: count

type Way = fn(&Team<'_>) -> Vec<Value>;

fn main() -> ExitCode {
    let ways: [(Kind, &str, &str, Way); 4] = [
        (Kind::Alone, "sequential", "plain, alone", alone::<Plain>),
        (Kind::Thread, "lock", "global lock", lock),
        (Kind::Thread, "atomic", "atomic", free::<Atomic>),
        (Kind::Thread, "immortal", "immortal constants", free::<Immortal>),
    ];
    let mut experiment = Experiment::new(
        "gil_shared",
        "Two threads read the same number: does that slow them down?",
    );
    for (case, about, arguments) in [
        ("literal", "the bound is a constant of the program", literal()),
        ("copies", "each thread has a bound of its own", copies()),
        ("shared", "both threads have the same bound", shared()),
    ] {
        experiment = experiment.case(case, about);
        for (kind, name, label, way) in ways {
            let work = with(arguments.clone(), way);
            experiment = experiment.variant(kind, name, label, work);
        }
    }
    experiment.run()
}

/// A program, its shared arguments, and each thread's own.
type Arguments = (String, Vec<Value>, Vec<Value>);

/// The bound is written into the program.
fn literal() -> Arguments {
    let bound = format!("const {BOUND}");
    (COUNT.replace("load n", &bound).replace("args n", ""), vec![], vec![])
}

/// Each thread makes a number of its own.
fn copies() -> Arguments {
    (COUNT.into(), vec![], vec![Value::Int(BOUND)])
}

/// One number is made, and both threads get it.
fn shared() -> Arguments {
    (COUNT.into(), vec![Value::Int(BOUND)], vec![])
}

fn lock(team: &Team<'_>) -> Vec<Value> {
    locked(team, &GlobalLock::new(Duration::from_millis(5)))
}

/// Two jobs that run the same program.
fn with(arguments: Arguments, way: Way) -> impl Fn(&mut Run) -> String {
    let (text, shared, own) = arguments;
    let program = Program::parse(&text).expect("a program");
    move |run| {
        let job = Job { program: &program, own: own.clone(), foreign: vec![] };
        let jobs = vec![job.clone(), job];
        let (shared, gate) = (shared.clone(), run.gate(2));
        let team = Team { shared, jobs, gate };
        run.start_clock();
        let answers = way(&team);
        run.stop_clock();
        format!("{} {}", answers[0], answers[1])
    }
}
