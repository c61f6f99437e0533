//! What does a distributed engine cost on one machine, and from how many
//! workers on is it quicker than a plain loop?
//!
//! Run:  cargo run --example machines_cost
//! See:  column `each`: on one worker the engine takes longer for an event than
//!       the loop, and so it does on two and four. What two threads do without
//!       it is quicker than both. Hosts that send each other every event take
//!       longest; combined before it is sent, less is sent.
//!
//! Two million events in ten windows. On one machine the log lies in one place,
//! so each thread or process takes whole windows and has nothing to send. Each
//! host has the part that was written there, so what belongs together must be
//! sent. All logs are made before the clock starts, and let go under it, window
//! by window: an engine has to own what it sends, and so the others do, too.

use std::mem::take;
use std::process::ExitCode;
use std::sync::mpsc;

use lab::{Crew, Experiment, Kind, Run};
use machines::engine::Flow;
use machines::events::{self, Counts, Event, PER_WINDOW, WINDOWS};
use machines::hosts::{HOST, Hosts, Way, direct, host, read, write};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

/// Threads, processes, or workers of the engine.
const WORKERS: [usize; 3] = [1, 2, 4];
/// Steps for each event, as if a line had to be understood first.
const HEAVY: u32 = 30;

fn main() -> ExitCode {
    let experiment = Experiment::new(
        "machines_cost",
        "From how many workers on is an engine quicker than a plain loop?",
    )
    .baseline("plain")
    .case("light", "an event is a number added");
    let experiment = add(experiment, 0);
    let heavy = "each takes some steps to be understood";
    add(experiment.case("heavy", heavy), HEAVY)
        .child(HOST, host)
        .child("windows", windows)
        .run()
}

fn add(experiment: Experiment, steps: u32) -> Experiment {
    let mut experiment = experiment.variant(
        Kind::Alone,
        "plain",
        "one thread, a loop",
        move |run| plain(run, steps),
    );
    for n in WORKERS {
        experiment = experiment.variant(
            Kind::Thread,
            &format!("threads_{n}"),
            &format!("rayon, threads: {n}"),
            move |run| in_threads(run, n, steps),
        );
    }
    for n in WORKERS {
        experiment = experiment.variant(
            Kind::Process,
            &format!("processes_{n}"),
            &format!("processes: {n}"),
            move |run| in_processes(run, n, steps),
        );
    }
    for n in WORKERS {
        experiment = experiment.variant(
            Kind::Thread,
            &format!("timely_{n}"),
            &format!("timely, threads: {n}"),
            move |run| in_timely(run, n, steps),
        );
    }
    for n in 1..=4 {
        experiment = experiment.variant(
            Kind::Process,
            &format!("hosts_{n}"),
            &format!("timely, hosts: {n}"),
            move |run| on_hosts(run, n, Way::All, steps),
        );
    }
    for n in [2, 4] {
        experiment = experiment.variant(
            Kind::Process,
            &format!("hosts_{n}_combined"),
            &format!("combined first, hosts: {n}"),
            move |run| on_hosts(run, n, Way::Combined, steps),
        );
    }
    experiment
}

/// Notes the time that each event has taken.
fn told(run: &mut Run, windows: &[Counts]) -> String {
    each(run);
    events::answer(windows)
}

fn each(run: &mut Run) {
    let all = (WINDOWS * PER_WINDOW) as f64;
    run.metric("each_ns", run.elapsed().as_secs_f64() * 1e9 / all);
}

fn plain(run: &mut Run, steps: u32) -> String {
    let log = events::log(0, 1);
    run.start_clock();
    let windows = events::plain(log, steps);
    run.stop_clock();
    told(run, &windows)
}

fn in_threads(run: &mut Run, n: usize, steps: u32) -> String {
    let log = events::log(0, 1);
    let pool = ThreadPoolBuilder::new().num_threads(n).build();
    let pool = pool.expect("a pool");
    pool.broadcast(|_| ()); // now all of them are there
    run.start_clock();
    let window = |log: Vec<Event>| events::window(&log, steps);
    let windows: Vec<Counts> =
        pool.install(|| log.into_par_iter().map(window).collect());
    run.stop_clock();
    told(run, &windows)
}

fn in_processes(run: &mut Run, n: usize, steps: u32) -> String {
    let mut crew = Crew::start("windows", n).expect("a crew");
    let word = [n.to_string(), steps.to_string()];
    let answers = crew.go(run, &word).expect("their answers");
    let mut windows = vec![Counts::default(); WINDOWS];
    for answer in &answers {
        windows.iter_mut().zip(&read(answer)).for_each(|(one, other)| {
            events::add(one, other);
        });
    }
    told(run, &windows)
}

/// A member of the crew, which takes each n-th window.
fn windows(args: &[String]) {
    let me: usize = args[0].parse().expect("a number");
    let mut log = events::log(0, 1);
    Crew::report(me, |args| {
        let n: usize = args[0].parse().expect("a number");
        let steps: u32 = args[1].parse().expect("a number");
        let mut windows = [Counts::default(); WINDOWS];
        for window in (me..WINDOWS).step_by(n) {
            windows[window] = events::window(&take(&mut log[window]), steps);
        }
        write(&windows)
    });
}

// ANCHOR: timely
fn in_timely(run: &mut Run, n: usize, steps: u32) -> String {
    let gate = run.gate(n);
    let workers = timely::execute(timely::Config::process(n), move |worker| {
        let log = events::log(worker.index(), worker.peers());
        let (to, done) = mpsc::channel();
        let flow = Flow::new(worker, move |window, counts| {
            let _ = to.send((window, counts));
        });
        gate.wait();
        let log = log.into_iter();
        flow.feed(worker, log.inspect(|log| events::parse(log, steps)));
        done
    });
    let workers = workers.expect("workers").join();
    run.stop_clock();
    let mut windows = vec![Counts::default(); WINDOWS];
    for (window, counts) in workers.into_iter().flat_map(|done| done.unwrap()) {
        events::add(&mut windows[window], &counts);
    }
    told(run, &windows)
}
// ANCHOR_END: timely

fn on_hosts(run: &mut Run, n: usize, way: Way, steps: u32) -> String {
    let hosts = Hosts::start(n, way, steps, direct).expect("hosts");
    let answer = hosts.answer(run).expect("their answers");
    each(run);
    answer
}
