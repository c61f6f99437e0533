//! A server stands still for a sixth of the time. What does a load generator
//! say of it?
//!
//! Run:  cargo run --example overload_omission
//! See:  one that waits for each answer before it asks again has one slow
//!       answer among some hundred quick ones, and says that all is well. One
//!       that asks when it is due, or counts from when it was due, has dozens.
//!
//! The server takes a quarter of a millisecond for each, by a timer, and stops
//! for 50 ms. Somebody asks each millisecond, for 300.

use std::ops::Range;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, sleep};
use std::time::Duration;

use lab::timeline::now_ns;
use lab::{Experiment, Kind, Run};
use overload::quantile_ms;
use overload::server::{Desk, Request, serve, sleep_until};

const SERVICE_NS: u64 = 250_000;
const MS: u64 = 1_000_000;
const LENGTH_NS: u64 = 300 * MS;
const STOPS_NS: Range<u64> = 100 * MS..150 * MS;

fn main() -> ExitCode {
    Experiment::new(
        "overload_omission",
        "A server stops for a while: what does a load generator say of it?",
    )
    .baseline("closed")
    .variant(Kind::Thread, "closed", "asks when answered", |run| {
        play(run, closed)
    })
    .variant(Kind::Thread, "counted", "counts from when due", |run| {
        play(run, counted)
    })
    .variant(Kind::Thread, "open", "asks when due", |run| play(run, open))
    .run()
}

type Ask = Sender<Request<u64>>;
type Answers = Receiver<u64>;

// ANCHOR: loops
/// Asks, waits for the answer, rests, and asks again.
fn closed(began: u64, ask: &Ask, answers: &Answers) -> Vec<u64> {
    let mut times = Vec::new();
    while now_ns() < began + LENGTH_NS {
        let sent = now_ns();
        request(ask, sent, sent);
        times.push(answers.recv().unwrap());
        sleep(Duration::from_nanos(MS - SERVICE_NS));
    }
    times
}

/// Waits for the answer, too, but knows when it should have asked.
fn counted(began: u64, ask: &Ask, answers: &Answers) -> Vec<u64> {
    let due = (began..began + LENGTH_NS).step_by(MS as usize);
    due.map(|due| {
        sleep_until(due);
        request(ask, now_ns(), due);
        answers.recv().unwrap()
    })
    .collect()
}

/// Asks when it is due, whatever has been answered.
fn open(began: u64, ask: &Ask, answers: &Answers) -> Vec<u64> {
    let due = (began..began + LENGTH_NS).step_by(MS as usize);
    let asked = due.map(|due| {
        sleep_until(due);
        request(ask, now_ns(), due);
    });
    let asked = asked.count();
    answers.iter().take(asked).collect()
}
// ANCHOR_END: loops

/// The answer will be how long it took since then.
fn request(ask: &Ask, came_ns: u64, since_ns: u64) {
    ask.send(Request { came_ns, answer: since_ns }).unwrap();
}

fn play(
    run: &mut Run,
    client: fn(u64, &Ask, &Answers) -> Vec<u64>,
) -> &'static str {
    let ((ask, asked), (answer, answers)) = (channel(), channel());
    let gate = &run.gate(2);
    let times = thread::scope(|scope| {
        scope.spawn(move || {
            gate.wait();
            let began = gate.began_ns();
            let stops = began + STOPS_NS.start..began + STOPS_NS.end;
            let desk = Desk::that_stops(SERVICE_NS, stops);
            let done = |since: u64| answer.send(now_ns() - since).unwrap();
            serve(desk, asked, |_| true, done);
        });
        gate.wait();
        let times = client(gate.began_ns(), &ask, &answers);
        drop(ask);
        times
    });
    run.stop_clock();
    run.metric("asked", times.len() as f64);
    run.metric("p50_ms", quantile_ms(&times, 0.5));
    run.metric("p99_ms", quantile_ms(&times, 0.99));
    run.metric("worst_ms", quantile_ms(&times, 1.0));
    let slow = times.iter().filter(|time| **time > 10 * MS).count();
    run.metric("slow", slow as f64);
    "each was answered"
}
