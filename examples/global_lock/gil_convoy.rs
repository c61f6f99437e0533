//! A thread that waits for an echo, beside one that computes: how late is it?
//!
//! Run:  cargo run --example gil_convoy
//! See:  alone, an echo takes little more than its 1 ms. Beside a thread that
//!       computes, it takes a switch interval more, whatever the interval is.
//!       Without a lock it does not.
//!
//! The cases are switch intervals in microseconds. The echo comes from another
//! process, after 1 ms: an instant echo would be there before the lock is gone.

use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

use global_lock::arrangement::{free, locked};
use global_lock::lock::GlobalLock;
use global_lock::machine::{Job, Team};
use global_lock::object::{Immortal, Value};
use global_lock::program::Program;
use lab::{Experiment, Helper, Kind, Run, rerun_self};

const INTERVALS_US: [u64; 5] = [100, 500, 1_000, 5_000, 20_000];
const ECHOES: i64 = 100;

// ANCHOR: programs
/// Sends and receives, and says so when it is done.
const ECHO: &str = "
    args done n
    foreign send receive begin end
    loop: load i  load n  unless_less over
          load i  call begin  store x
          load i  wait send  store x
          load i  wait receive  store x
          load i  call end  store x
          load i  const 1  add  store i
          jump loop
    over: load done  const 1  append
          load i  return";

/// Computes until somebody says so.
const SPIN: &str = "
    args done
    loop: load done  length  const 1  unless_less over
          load i  const 1  add  store i
          jump loop
    over: const 0  return";
// ANCHOR_END: programs

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "gil_convoy",
        "How long does an echo of 1 ms take beside a thread that computes?",
    )
    .baseline("idle");
    for us in INTERVALS_US {
        experiment = experiment
            .case(&us.to_string(), "switch interval in microseconds")
            .variant(Kind::Alone, "idle", "alone", move |run| {
                echoes(run, &[ECHO], |team| locked(team, &lock(us)))
            })
            .variant(Kind::Thread, "beside", "beside a thread", move |run| {
                echoes(run, &[ECHO, SPIN], |team| locked(team, &lock(us)))
            })
            .variant(Kind::Thread, "free", "the same, no lock", |run| {
                echoes(run, &[ECHO, SPIN], free::<Immortal>)
            });
        if us == 5_000 {
            // One word of the program changes.
            let kept = ECHO.replace("wait send", "call send");
            experiment = experiment.variant(
                Kind::Thread,
                "send_kept",
                "sends with the lock",
                move |run| {
                    echoes(run, &[&kept, SPIN], |team| locked(team, &lock(us)))
                },
            );
        }
    }
    experiment.child("echo", |_| echo()).run()
}

fn lock(us: u64) -> GlobalLock {
    GlobalLock::new(Duration::from_micros(us))
}

fn echoes(
    run: &mut Run,
    programs: &[&str],
    arrangement: impl Fn(&Team<'_>) -> Vec<Value>,
) -> i64 {
    let programs: Vec<Program> = programs
        .iter()
        .map(|text| Program::parse(text).expect("a program"))
        .collect();
    let echo = rerun_self("echo", &[]).and_then(Helper::start);
    let mut echo = echo.expect("a child process");
    let (to, from) = echo.pipes();
    let (to, from) = (Mutex::new(to), Mutex::new(from));
    let began = Mutex::new(Instant::now());
    let took_us = Mutex::new(Vec::new());
    let send = |_| to.lock().unwrap().write(b"x").expect("a pipe") as i64;
    let receive =
        |_| from.lock().unwrap().read(&mut [0]).expect("a pipe") as i64;
    let begin = |_| {
        *began.lock().unwrap() = Instant::now();
        0
    };
    let end = |_| {
        let took = began.lock().unwrap().elapsed();
        took_us.lock().unwrap().push(took.as_nanos() as f64 / 1e3);
        0
    };
    let mut jobs = vec![Job {
        program: &programs[0],
        own: vec![Value::Int(ECHOES)],
        foreign: vec![&send, &receive, &begin, &end],
    }];
    jobs.extend(programs[1..].iter().map(|program| Job {
        program,
        own: vec![],
        foreign: vec![],
    }));
    let (shared, gate) = (vec![Value::List(vec![])], run.gate(jobs.len()));
    let team = Team { shared, jobs, gate };
    run.start_clock();
    let answers = arrangement(&team);
    run.stop_clock();
    let mut took_us = took_us.into_inner().unwrap();
    took_us.sort_by(f64::total_cmp);
    run.metric("median_us", took_us[took_us.len() / 2]);
    run.metric("p99_us", took_us[took_us.len() * 99 / 100 - 1]);
    match answers[0] {
        Value::Int(n) => n,
        Value::List(_) => unreachable!("the program returns a number"),
    }
}

/// The other end: gives each byte back, 1 ms later.
fn echo() {
    println!("ready");
    let (mut from, mut to) = (io::stdin().lock(), io::stdout().lock());
    let mut byte = [0];
    while from.read_exact(&mut byte).is_ok() {
        sleep(Duration::from_millis(1));
        if to.write_all(&byte).and_then(|()| to.flush()).is_err() {
            return;
        }
    }
}
