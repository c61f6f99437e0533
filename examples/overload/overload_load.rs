//! Requests come by chance, from half of what a server can do to a third more.
//! How long does each take, and how many are answered in time?
//!
//! Run:  cargo run --example overload_load
//! See:  long before the server is busy all of the time, the slowest of a
//!       hundred take many times as long as at half of the load. Past its
//!       capacity nearly all are answered too late; with a limit on what is in
//!       flight it goes on to answer as many in time as it can.
//!
//! A request takes a quarter of a millisecond, by a timer, so that the capacity
//! is known and the processor idle. Client and server are threads: sockets
//! would cost more processor than the requests, and queue the same.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::channel;
use std::thread::{self, sleep};
use std::time::Duration;

use lab::random::{Random, fresh_seed};
use lab::timeline::now_ns;
use lab::{Experiment, Kind, Run};
use overload::limit::Limit;
use overload::quantile_ms;
use overload::server::{Desk, Request, serve, sleep_until};
use overload::watch::Watch;

const SERVICE_NS: u64 = 250_000;
const LENGTH_NS: u64 = 300_000_000;
/// Later is too late.
const IN_TIME_NS: u64 = 10_000_000;
/// So many are served within that time, and then some.
const MOST: usize = 32;

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "overload_load",
        "From half of the load to too much: how long does a request take?",
    )
    .baseline("none");
    for load in [50, 70, 80, 90, 100, 110, 130] {
        experiment = experiment
            .case(&load.to_string(), "% of what the server can do")
            .variant(Kind::Thread, "none", "no limit", move |run| {
                play(run, load, usize::MAX)
            })
            .variant(Kind::Thread, "limit", "32 in flight", move |run| {
                play(run, load, MOST)
            });
    }
    experiment.run()
}

/// When requests are due: by chance, each without regard to the others.
fn arrivals(load: u64) -> Vec<u64> {
    let mut random = Random::new(fresh_seed());
    let mean_ns = (SERVICE_NS * 100 / load) as f64;
    let mut due_ns = 0.0;
    let mut all = Vec::new();
    loop {
        let chance = (random.bits() >> 11) as f64 / (1_u64 << 53) as f64;
        due_ns -= (1.0 - chance).ln() * mean_ns;
        if due_ns >= LENGTH_NS as f64 {
            return all;
        }
        all.push(due_ns as u64);
    }
}

fn play(run: &mut Run, load: u64, most: usize) -> &'static str {
    let arrivals = arrivals(load);
    let (limit, over) = (&Limit::of(most), &AtomicBool::new(false));
    let (ask, asked) = channel();
    let gate = &run.gate(3);
    let (times, in_time, little) = thread::scope(|scope| {
        let server = scope.spawn(|| {
            let (mut from_due, mut from_sent) = (Vec::new(), Vec::new());
            let mut in_time = 0_u32;
            gate.wait();
            let end_ns = gate.began_ns() + LENGTH_NS;
            let desk = Desk::new(SERVICE_NS);
            let done = |(due_ns, sent_ns, pass)| {
                let now = now_ns();
                drop(pass);
                from_due.push(now - due_ns);
                from_sent.push(now - sent_ns);
                if now <= end_ns && now - due_ns <= IN_TIME_NS {
                    in_time += 1;
                }
            };
            serve(desk, asked, |_| true, done);
            over.store(true, Relaxed);
            (from_due, from_sent, in_time)
        });
        let watch = scope.spawn(|| {
            gate.wait();
            let mut watch = Watch::begin();
            while !over.load(Relaxed) {
                watch.look(limit.in_flight());
                sleep(Duration::from_micros(500));
            }
            watch
        });
        gate.wait();
        // ANCHOR: open
        let began = gate.began_ns();
        for due_ns in arrivals.iter().map(|after| began + after) {
            // Whatever has become of those before it.
            sleep_until(due_ns);
            if let Some(pass) = Limit::enter(limit) {
                let came_ns = now_ns();
                let answer = (due_ns, came_ns, pass);
                ask.send(Request { came_ns, answer }).unwrap();
            }
        }
        // ANCHOR_END: open
        drop(ask);
        let (from_due, from_sent, in_time) = server.join().unwrap();
        (from_due, in_time, watch.join().unwrap().little(&from_sent))
    });
    run.stop_clock();
    let refused = arrivals.len() - times.len();
    run.metric("p50_ms", quantile_ms(&times, 0.5));
    run.metric("p99_ms", quantile_ms(&times, 0.99));
    run.metric("goodput", f64::from(in_time) / (LENGTH_NS as f64 / 1e9));
    run.metric("refused_share", refused as f64 / arrivals.len() as f64);
    run.metric("little", little);
    "each request was answered or refused"
}
