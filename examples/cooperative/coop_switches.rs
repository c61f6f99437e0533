//! Three flows on one core work in bursts of 2, 5 and 10 ms, six each, and say
//! after each that others may run. Do they ever stop anywhere else?
//!
//! Run:  cargo run --example coop_switches
//! See:  coroutines and tasks hand over only where they said so. Threads run
//!       the same lines, and the kernel stops them in the middle of a burst.
//!
//! Every flow signs a sheet at each step. Whoever finds another's name there
//! has taken over from it, and sees whether it had given way.

use std::process::ExitCode;
use std::thread;

use cooperative::sheet::{BURSTS, Worker};
use cooperative::{one_thread, stackful, stackless};
use lab::{Experiment, Kind, Run};
use switching::rung::{cpus, on_core};

fn main() -> ExitCode {
    let experiment = Experiment::new(
        "coop_switches",
        "Where do flows stop that take turns on one core?",
    )
    .baseline("none")
    .observed();
    let has_switch = stackful::Scheduler::default().spawn(|_| {}).is_ok();
    let experiment = match has_switch {
        true => experiment.variant(
            Kind::Task,
            "stackful",
            "our coroutines",
            coroutines,
        ),
        false => experiment,
    };
    experiment
        .variant(Kind::Task, "stackless", "our tasks", tasks)
        .variant(Kind::Task, "tokio", "tokio's tasks", tokio_tasks)
        .variant(Kind::Thread, "threads", "threads", |run| {
            match cpus().first() {
                Some(&core) => on_core(core, || threads(run)),
                None => threads(run),
            }
        })
        .run()
}

// ANCHOR: variants
fn coroutines(run: &mut Run) -> String {
    let (recording, workers) = Worker::three();
    let mut scheduler = stackful::Scheduler::default();
    for mut worker in workers {
        let body = move |yielder: &switching::stackful::Yielder| {
            for _ in 0..BURSTS {
                worker.burst();
                yielder.suspend(); // the one place where it stops
            }
            worker.finish();
        };
        scheduler.spawn(body).expect("a stack");
    }
    scheduler.run();
    recording.keep(run)
}

fn tasks(run: &mut Run) -> String {
    let (recording, workers) = Worker::three();
    let mut scheduler = stackless::Scheduler::default();
    for mut worker in workers {
        scheduler.spawn(async move {
            for _ in 0..BURSTS {
                worker.burst();
                stackless::yield_now().await;
            }
            worker.finish();
        });
    }
    scheduler.run();
    recording.keep(run)
}
// ANCHOR_END: variants

fn tokio_tasks(run: &mut Run) -> String {
    let (recording, workers) = Worker::three();
    let runtime = one_thread();
    runtime.block_on(async {
        let all = workers.map(|mut worker| {
            tokio::spawn(async move {
                for _ in 0..BURSTS {
                    worker.burst();
                    tokio::task::yield_now().await;
                }
                worker.finish();
            })
        });
        for task in all {
            task.await.expect("no task panics");
        }
    });
    recording.keep(run)
}

fn threads(run: &mut Run) -> String {
    let (recording, workers) = Worker::three();
    let gate = run.gate(workers.len());
    thread::scope(|scope| {
        for mut worker in workers {
            scope.spawn(gate.then(move || {
                for _ in 0..BURSTS {
                    worker.burst(); // it may stop anywhere in here
                    thread::yield_now();
                }
                worker.finish();
            }));
        }
    });
    recording.keep(run)
}
