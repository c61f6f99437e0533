//! What each model of concurrency costs: jobs with nothing to do, or next to
//! nothing, run by the same code that `choose_jobs` runs real ones with.
//!
//! Run:  cargo run --example choose_costs
//! See:  column `start`: a process takes some ten times as long to be there as
//!       a runtime. `flow`: one more thread costs tens of microseconds, one
//!       more task next to nothing. `busy`: beside its steps, an item costs
//!       little in threads and tasks, and more in processes. `late`: a thread
//!       sleeps a little longer than it was told, a task of tokio's by one
//!       step of its timers.
//!
//! From these constants the book's model of cost computes what a job takes.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use choosing::{Work, chain, crew, models};
use cost::Model;
use lab::{Experiment, Kind, Run};

fn main() -> ExitCode {
    let question = "What does each model cost, beside the work?";
    let mut experiment = Experiment::new("choose_costs", question)
        .baseline("in_turn")
        .case("steps", "steps of the work")
        .variant(Kind::Alone, "alone", "on one core", |run| steps(run, 1))
        .variant(Kind::Thread, "crowd", "on all cores", |run| {
            steps(run, run.threads())
        })
        .case("jobs", "jobs with next to nothing to do");
    for (model, kind, size, way) in MODELS {
        let (name, label) = (model.id(), model.label());
        experiment = experiment.variant(kind, name, label, move |run| {
            if kind == Kind::Process {
                run.elsewhere();
            }
            constants(run, size, way)
        });
    }
    experiment.child(crew::CHILD, crew::serve).run()
}

type Way = fn(&Work) -> u64;

/// How many items a model has under way: one, one on each core, or as many as
/// may be.
#[derive(Clone, Copy, PartialEq)]
enum Size {
    One,
    Cores,
    AtOnce,
}

const MODELS: [(Model, Kind, Size, Way); 6] = [
    (Model::InTurn, Kind::Alone, Size::One, models::in_turn),
    (Model::Threads, Kind::Thread, Size::AtOnce, models::threads),
    (Model::Rayon, Kind::Thread, Size::Cores, models::rayon),
    (Model::Tokio, Kind::Task, Size::AtOnce, models::tokio),
    (Model::TokioRayon, Kind::Task, Size::AtOnce, models::tokio_rayon),
    (Model::Processes, Kind::Process, Size::Cores, crew::processes),
];

/// So many that the time of a step is as good as the clock.
const STEPS: u32 = 40_000;

/// Each flow takes the same steps; the answer says that they took them.
fn steps(run: &mut Run, flows: usize) -> u64 {
    let ends = run.together(flows, |_| chain(1, STEPS));
    run.metric("step_ns", run.elapsed().as_nanos() as f64 / f64::from(STEPS));
    assert!(ends.iter().all(|end| *end == ends[0]));
    ends[0]
}

/// Half of an item's steps, where it has some: about 50 µs.
const HALF: u32 = cost::BUSY_STEPS / 2;
/// Items with nothing to do, or only these steps.
const ITEMS: u64 = 400;
/// Items that wait at the same time.
const MANY: u64 = 200;
/// Waits one after another.
const WAITS: u64 = 16;
/// Bytes into an item, and as many out of it.
const BYTES: usize = 50_000;

// ANCHOR: constants
fn constants(run: &mut Run, size: Size, way: Way) -> &'static str {
    let cores = run.threads();
    // How many workers compute, and how many items they hold when one is all
    // that may be under way.
    let lanes = if size == Size::One { 1 } else { cores } as f64;
    let held = if size == Size::Cores { cores } else { 1 } as f64;
    let time = |work: &Work| {
        let began = Instant::now();
        let sum = way(work);
        let took = began.elapsed();
        assert_eq!(sum, work.sum(), "a wrong answer to {work:?}");
        took.as_nanos() as f64
    };
    let nothing = Work::nothing(held as u64, cores);
    let start = time(&nothing);
    run.metric("start_ns", start / lanes);

    // One that waits, again and again: how late is the end, and is it the end
    // of a millisecond?
    let late = |wait_us: u64| {
        let wait = Duration::from_micros(wait_us);
        let waits = Work { items: WAITS, wait, ..nothing.clone() };
        let each = (time(&waits) - start) * held / WAITS as f64;
        each - wait_us as f64 * 1e3
    };
    let (above, below) = (late(1_100), late(1_900));
    let grain = ((above - below) / 0.8e6).round().clamp(0.0, 1.0) * 1e6;
    let late = (below - 0.1 * grain).max(0.0);
    run.metric("grain_ns", grain);
    run.metric("late_ns", late);

    // All wait, and the last one begins when all are there.
    let flow = if size == Size::AtOnce {
        let (wait, at_once) = (Duration::from_micros(4_900), MANY as usize);
        let many = Work { items: MANY, at_once, wait, ..nothing.clone() };
        let began = time(&many) - start - 4.9e6 - 0.1 * grain - late;
        began.max(0.0) / MANY as f64
    } else {
        0.0
    };
    run.metric("flow_ns", flow);

    // All cores are busy: what an item takes of them, its steps included. And
    // what it takes where no other is under way.
    let of_an_item = |work: &Work| {
        let all = (time(work) - start) * lanes - work.at_once as f64 * flow;
        all.max(0.0) / work.items as f64
    };
    let empty = Work { items: ITEMS, at_once: 4 * cores, ..nothing.clone() };
    let item = of_an_item(&empty);
    run.metric("item_ns", item);
    let busy = Work { half: HALF, ..empty.clone() };
    run.metric("busy_ns", of_an_item(&busy));
    if size == Size::AtOnce {
        let alone = Work { at_once: 1, ..busy.clone() };
        run.metric("alone_ns", of_an_item(&alone) / lanes);
        let wait = Duration::from_millis(2);
        let at_once = (64 * cores).min(ITEMS as usize);
        run.metric("full_ns", of_an_item(&Work { wait, at_once, ..busy }));
    }

    let (items, input) = (ITEMS / 4, vec![b'x'; BYTES].into());
    let big = of_an_item(&Work { items, input, bytes_out: BYTES, ..empty });
    run.metric("byte_ns", (big - item).max(0.0) / (2 * BYTES) as f64);
    "all jobs have their answers"
}
// ANCHOR_END: constants
