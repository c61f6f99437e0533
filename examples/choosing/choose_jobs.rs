//! Forty jobs drawn at random, each run in every model: how long does it take?
//!
//! Run:  cargo run --example choose_jobs
//! See:  column `time`, within each job: where items wait, models that keep
//!       many of them under way are ahead by far; where they compute, those
//!       that use all cores. What a page says of a model of cost is made of
//!       these times: the model computes what each will be, from constants that
//!       `choose_costs` measures.
//!
//! An item computes half of its steps, waits, and computes the other half. The
//! wait is a timer's; what a request would cost on top is not in it. Making the
//! threads, tasks or processes is part of a model's time, and so is their end.
//! Models that would take very long are left out of a job: `jobs.csv` says
//! which, and half of the jobs are put aside there by the draw.

use std::process::ExitCode;

use choosing::{Work, crew, jobs, models};
use cost::{Model, Row};
use lab::{Experiment, Kind};

/// A quick run takes this many jobs.
const QUICK: usize = 3;

fn main() -> ExitCode {
    let question = "A job in every model: how long does it take?";
    let mut experiment =
        Experiment::new("choose_jobs", question).baseline("threads");
    for (i, row) in jobs().into_iter().enumerate() {
        experiment = experiment.case(&row.id, &label(&row));
        for (model, kind, run_it) in MODELS {
            if row.left_out.contains(&model) {
                continue;
            }
            if i >= QUICK {
                experiment = experiment.slow();
            }
            let row = row.clone();
            let timed = move |run: &mut lab::Run| {
                let work = Work::of(&row, run.threads());
                if kind == Kind::Process {
                    run.elsewhere();
                }
                run.start_clock();
                let sum = run_it(&work);
                run.stop_clock();
                sum
            };
            experiment =
                experiment.variant(kind, model.id(), model.label(), timed);
        }
    }
    experiment.child(crew::CHILD, crew::serve).run()
}

type Way = fn(&Work) -> u64;

const MODELS: [(Model, Kind, Way); 6] = [
    (Model::InTurn, Kind::Alone, models::in_turn),
    (Model::Threads, Kind::Thread, models::threads),
    (Model::Rayon, Kind::Thread, models::rayon),
    (Model::Tokio, Kind::Task, models::tokio),
    (Model::TokioRayon, Kind::Task, models::tokio_rayon),
    (Model::Processes, Kind::Process, crew::processes),
];

fn label(row: &Row) -> String {
    let Row { items, steps, wait_us, at_once, .. } = row;
    let items =
        if *items == 1 { "1 item".into() } else { format!("{items} items") };
    let wait = format!("{} ms", f64::from(*wait_us) / 1e3);
    format!("{items}, {steps} steps, wait {wait}, {at_once} at once")
}
