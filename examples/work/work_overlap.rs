//! Two jobs and one core: what can be done at the same time?
//!
//! Run:  cargo run --example work_overlap
//! See:  two computing jobs gain nothing from two threads, since there is one
//!       core. A waiting job takes no time at all beside a computing one, and
//!       two waits are one wait. `cargo book measure work_overlap` records who
//!       ran when, and the book draws it.
//!
//! Where threads cannot be kept on one core (macOS, Windows), they have all of
//! them.

use std::hint::black_box;
use std::process::ExitCode;
use std::thread;

use lab::timeline::{Lane, Recorder, State, now_ns};
use lab::{Experiment, Kind, Run, os};
use work::{REPEATS, chain, receive, send, server};

const REQUESTS: u64 = 3;
const DELAY_MS: u64 = 20;
/// Some 60 ms of computing, as long as the waits.
const CHUNKS: u64 = 10_000;
const CHUNK: u64 = 64;

/// A job that notes in a lane what it does, and the lane's name.
type Job = (&'static str, fn(&mut Recorder) -> u64);

fn main() -> ExitCode {
    let computing: [Job; 2] =
        [("A computes", compute), ("B computes", compute)];
    let waiting: [Job; 2] = [("A waits", wait), ("B waits", wait)];
    let cases = [
        ("compute", "both compute", computing),
        ("mixed", "one computes, one waits", [computing[0], waiting[1]]),
        ("wait", "both wait", waiting),
    ];
    let mut experiment = Experiment::new(
        "work_overlap",
        "Two jobs on one core: which pairs overlap?",
    );
    for (case, label, jobs) in cases {
        experiment = experiment
            .case(case, label)
            .variant(
                Kind::Alone,
                "sequential",
                "one after another",
                move |run| on_one_core(run, |run| sequential(run, jobs)),
            )
            .variant(
                Kind::Thread,
                "threads",
                &format!("two threads, {label}"),
                move |run| on_one_core(run, |run| threads(run, jobs)),
            );
    }
    experiment.run()
}

fn compute(lane: &mut Recorder) -> u64 {
    let mut x = 1;
    for _ in 0..REPEATS {
        x = black_box(1);
        for _ in 0..CHUNKS {
            x = chain(x, CHUNK);
            lane.note();
        }
    }
    x
}

fn wait(lane: &mut Recorder) -> u64 {
    let mut sum = 0;
    for n in 0..REQUESTS {
        let mut connection = send(server(), &n.to_string(), DELAY_MS);
        lane.enter(State::WaitingIo);
        // Here the kernel takes the thread off its list until there is news.
        sum += receive(&mut connection).expect("an answer")[0];
        lane.leave_wait(State::Running);
    }
    sum
}

fn recorded(epoch: u64, (name, job): Job) -> (u64, Lane) {
    let mut lane = Recorder::start(name, epoch);
    let answer = job(&mut lane);
    (answer, lane.finish())
}

fn sequential(run: &mut Run, [a, b]: [Job; 2]) -> Vec<(u64, Lane)> {
    run.start_clock();
    let epoch = now_ns();
    vec![recorded(epoch, a), recorded(epoch, b)]
}

fn threads(run: &mut Run, [a, b]: [Job; 2]) -> Vec<(u64, Lane)> {
    let gate = &run.gate(2);
    let flow = move |job| {
        gate.wait();
        recorded(gate.began_ns(), job)
    };
    thread::scope(|scope| {
        let a = scope.spawn(move || flow(a));
        let b = scope.spawn(move || flow(b));
        vec![a.join().unwrap(), b.join().unwrap()]
    })
}

/// Threads inherit the place of the thread that starts them.
fn on_one_core(
    run: &mut Run,
    jobs: impl FnOnce(&mut Run) -> Vec<(u64, Lane)> + Send,
) -> u64 {
    server();
    let one: Vec<usize> =
        os::allowed_cpus().unwrap_or_default().into_iter().take(1).collect();
    let done = thread::scope(|scope| {
        let pinned = scope.spawn(|| {
            os::pin_to(&one);
            let done = jobs(run);
            run.stop_clock();
            done
        });
        pinned.join().unwrap()
    });
    let (answers, lanes): (Vec<u64>, Vec<Lane>) = done.into_iter().unzip();
    run.timeline(lanes);
    answers.iter().sum()
}
