//! The same programs under loom, which looks for an order in which one fails.
//!
//! What they are made of notes who makes each step. Loads and stores are asked as exchanges,
//! the loads as such that change nothing: these read what was written last. What is kept is an
//! order, and an old value has no place in one.

use std::panic;
use std::process::exit;
use std::sync::{Mutex, PoisonError};

use orders::turns::Lane;

#[allow(unreachable_pub, dead_code)]
#[path = "../src/programs.rs"]
mod programs;
#[allow(unreachable_pub, dead_code)]
mod sync;

// What some of the files look for at the top of their crate.
use programs::{PROGRAMS, Program, order, spin};

/// The order of the execution at hand, and which execution it is.
static ORDER: Mutex<(Vec<Lane>, u64)> = Mutex::new((Vec::new(), 0));

fn noted() -> std::sync::MutexGuard<'static, (Vec<Lane>, u64)> {
    ORDER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What loom found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Whose step was next, and next, …
    pub order: Vec<Lane>,
    /// In which execution.
    pub execution: u64,
    /// What it said.
    pub message: String,
}

impl Found {
    /// Reads what [`find`] wrote; `None` is that nothing fails.
    ///
    /// # Panics
    /// When it is something else.
    pub fn read(text: &str) -> Option<Found> {
        let line = text.lines().find_map(|line| line.strip_prefix("found: "))?;
        let mut parts = line.splitn(3, '|');
        let mut part = || parts.next().expect("three parts");
        let execution = part().parse().expect("the number of an execution");
        let order = part().split_whitespace().map(|lane| lane.parse().expect("a lane"));
        Some(Found { order: order.collect(), execution, message: part().to_owned() })
    }
}

/// Runs a program in every order that loom models, and ends the process: with 0 and the order
/// on a line when one fails, with 0 and `passes` when none does.
///
/// # Panics
/// When there is no such program.
pub fn find(name: &str, is_right: bool) {
    let program: &Program =
        PROGRAMS.iter().find(|program| program.name == name).expect("a program");
    let make = if is_right { program.right } else { program.wrong };
    // A deadlock panics in whoever cannot go on, and then again where things are dropped.
    panic::set_hook(Box::new(|info| {
        let (order, execution) = noted().clone();
        let order: Vec<String> = order.iter().map(usize::to_string).collect();
        let payload = info.payload();
        let message = payload.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| payload.downcast_ref::<&str>().copied());
        let message = message.unwrap_or("a panic").replace('\n', " ");
        println!("found: {execution}|{}|{message}", order.join(" "));
        exit(0);
    }));
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(move || {
        {
            let mut noted = noted();
            noted.0.clear();
            noted.1 += 1;
        }
        sync::forget();
        let setup = make();
        let lanes: Vec<_> = setup
            .lanes
            .into_iter()
            .enumerate()
            .map(|(lane, work)| {
                loom::thread::spawn(move || {
                    sync::is_lane(lane);
                    work();
                })
            })
            .collect();
        for lane in lanes {
            lane.join().unwrap();
        }
        (setup.end)();
    });
    println!("passes");
}

/// A file of what is kept.
pub fn kept(name: &str) -> std::path::PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../book/orders");
    std::path::Path::new(folder).join(format!("{name}.json"))
}

/// What is to be kept of a program for which loom has found this.
///
/// # Panics
/// When the order cannot be taken, or fails otherwise than loom says.
pub fn record(program: &orders::programs::Program, found: &Found) -> String {
    let reached = orders::turns::play(program, program.wrong, &found.order);
    assert_eq!(reached.refused, None, "{}: {:?}", program.name, found.order);
    let failure = reached.failure.as_ref();
    let same = failure.is_some_and(|failure| failure.is(&found.message));
    assert!(same, "{}: {failure:?} and not {:?}", program.name, found.message);
    orders::kept::text(program, &reached, found.execution)
}
