//! A model checker runs small programs in every order that it models: which
//! mistakes does it find?
//!
//! Run:  cargo run --example lock_model
//! See:  every broken lock is found within a handful of executions, among them
//!       the one that no trial on most machines finds. So is a deadlock. The
//!       right ones pass every execution that it models. The last one is wrong
//!       and passes, since nobody asked.
//!
//! The programs are in model/lib.rs. The first build takes a while: the
//! checker, loom, needs many crates.

use std::panic;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use lab::testing::caught;
use lab::{Experiment, Kind, Run};
use sharing_model::MODELS;

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "lock_model",
        "Every order it models: which mistakes does a model checker find?",
    )
    .baseline("none")
    .observed();
    for (name, label, model) in MODELS {
        experiment = experiment
            .variant(Kind::Alone, name, label, move |run| check(run, model));
    }
    experiment.run()
}

/// Runs the model again and again, each time in another order, until it breaks
/// or no order is left.
fn check(run: &mut Run, model: fn()) -> String {
    let executions = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&executions);
    let quiet = panic::take_hook();
    panic::set_hook(Box::new(|_| ())); // what it finds, it panics with
    let outcome = caught(|| {
        loom::model(move || {
            counted.fetch_add(1, Relaxed);
            model();
        });
    });
    panic::set_hook(quiet);
    run.metric("executions", executions.load(Relaxed) as f64);
    run.metric("found", if outcome.is_err() { 1.0 } else { 0.0 });
    match outcome {
        Ok(()) => "passes".into(),
        Err(found) => format!("found: {}", in_short(&found)),
    }
}

fn in_short(found: &str) -> &str {
    found.split(['\n', ';']).next().unwrap_or_default()
}
