//! A service that computes for a millisecond and waits twice for ten, at 50 to
//! 110 % of what the machine can do. Which arrangement answers how fast?
//!
//! Run:  cargo run --example mix_service
//! See:  up to nine tenths they are close together, and past the capacity none
//!       keeps up. They differ in whom they keep waiting: where the loop's own
//!       threads compute, a request that has nothing to compute waits for those
//!       that have; where the kernel deals connections out by a hash, one core
//!       may be idle while the other has a queue.
//!
//! It stands for 5 ms of computing and two calls of 50 ms, in a fifth of the
//! time. What 100 % is, is measured first, in a closed loop. The client is a
//! process of its own, and shares the cores with the service. Waits are timers.

use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Duration;

use lab::{Experiment, Kind, Run, os};
use mixing::job::Job;
use mixing::load::{self, Load};
use mixing::service::{SHARES_PORTS, Service, Way};

/// Two waits that together are so many times as long as the computing.
const RATIO: u32 = 20;
const LOADS: [u32; 5] = [50, 70, 90, 100, 110];
/// To try it, these will do.
const QUICK: [u32; 2] = [50, 90];
const LENGTH: Duration = Duration::from_millis(300);
/// More than twice as long as a request takes that never waits in line.
const IN_TIME: Duration = Duration::from_millis(50);
/// For each core; half of them are enough (see `mix_size`).
const THREADS: usize = 42;

fn main() -> ExitCode {
    let question = "A request that computes and waits: who serves it best?";
    let mut all = Experiment::new("mix_service", question).baseline("threads");
    let (task, thread) = (Kind::Task, Kind::Thread);
    for load in LOADS {
        all = all.case(&load.to_string(), "% of what the machine can do");
        for (kind, name, label, way) in [
            (thread, "threads", "threads", None),
            (task, "tokio", "tokio, computing in tasks", Some(Way::Tokio)),
            (task, "rayon", "tokio and rayon", Some(Way::Rayon)),
            (task, "blocking", "tokio, spawn_blocking", Some(Way::Blocking)),
            (task, "loops", "a loop for each core", Some(Way::Loops)),
            (task, "apart", "the same, SO_REUSEPORT", Some(Way::Apart)),
        ] {
            if name == "apart" && !SHARES_PORTS {
                continue; // there the kernel does not deal them out
            }
            if !QUICK.contains(&load) {
                all = all.slow(); // all of them take a while
            }
            all = all.variant(kind, name, label, move |run| {
                let threads = Way::Threads(THREADS * run.threads());
                play(run, load, way.unwrap_or(threads))
            });
        }
    }
    all.child("load", load::child).run()
}

// ANCHOR: play
fn play(run: &mut Run, load: u32, way: Way) -> &'static str {
    let rate = capacity(run) * f64::from(load) / 100.0;
    let job = Job::of_ratio(RATIO);
    let service = Service::start(run.threads(), way, job).expect("a port");
    run.start_clock();
    let before = os::counters();
    let load = Load::Open { rate, length: LENGTH, in_time: IN_TIME };
    let seen = load.send(service.address, job);
    let used = os::counters().since(before);
    run.stop_clock();
    drop(service);
    load::note(run, &seen);
    if let Some(cpu_ns) = used.cpu_ns {
        let count = rate * LENGTH.as_secs_f64();
        run.metric("cpu_each_us", cpu_ns as f64 / 1e3 / count);
    }
    run.metric("offered", rate);
    "each request was answered"
}
// ANCHOR_END: play

/// How many in a second can be served at all; found out once.
fn capacity(run: &mut Run) -> f64 {
    static CAPACITY: OnceLock<f64> = OnceLock::new();
    *CAPACITY.get_or_init(|| {
        let (job, cores) = (Job::of_ratio(RATIO), run.threads());
        let way = Way::Threads(THREADS * cores);
        let service = Service::start(cores, way, job).expect("a port");
        let length = Duration::from_millis(800);
        let at_once = THREADS * cores;
        let load = Load::Closed { at_once, length };
        load::of(&load.send(service.address, job), "throughput")
    })
}
