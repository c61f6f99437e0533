//! From replies at once to replies after 200 ms: threads for fast I/O, tasks
//! for slow?
//!
//! Run:  cargo run --example loop_sweep
//! See:  a hundred requests in a thread each and in a task each, in twenty
//!       threads and in twenty tasks, for seven delays. Look where the curves
//!       cross, if they do.
//!
//! The twenty threads and the loops are there before the clock starts; tasks,
//! and a thread for each request, are made under it.
//! The server is a process of its own on 127.0.0.1 and ends with this one.

use std::process::ExitCode;
use std::rc::Rc;

use event_loop::clients::timed;
use event_loop::library::one_thread;
use event_loop::{Server, Site, clients, server};
use lab::{Experiment, Kind, Run};

const DELAYS_MS: [u64; 7] = [0, 1, 2, 5, 20, 50, 200];
const REQUESTS: u64 = 100;
const WORKERS: usize = 20;

fn main() -> ExitCode {
    let server = Rc::new(Server::default());
    let mut experiment = Experiment::new(
        "loop_sweep",
        "Are threads better for fast replies, and tasks for slow ones?",
    )
    .baseline("threads");
    for delay_ms in DELAYS_MS {
        let ask = |work: fn(&mut Run, &Site) -> u64| {
            let server = Rc::clone(&server);
            let query = format!("delay_ms={delay_ms}");
            move |run: &mut Run| work(run, &server.site(&query))
        };
        experiment = experiment
            .case(&delay_ms.to_string(), "ms until the reply")
            .variant(Kind::Thread, "threads", "a thread each", ask(threads))
            .variant(Kind::Task, "tokio", "a task each", ask(tokio))
            .variant(Kind::Thread, "workers", "20 threads", ask(workers))
            .variant(Kind::Task, "tokio_20", "20 tasks", ask(tokio_20));
    }
    experiment.child(server::CHILD, |_| server::serve()).run()
}

fn threads(run: &mut Run, site: &Site) -> u64 {
    timed(run, || clients::threads(site, REQUESTS))
}

fn workers(run: &mut Run, site: &Site) -> u64 {
    let sum = clients::workers(run, site, REQUESTS, WORKERS);
    sum.expect("every request is answered")
}

fn tokio(run: &mut Run, site: &Site) -> u64 {
    let runtime = one_thread();
    timed(run, || runtime.block_on(clients::tokio_tasks(site, REQUESTS)))
}

fn tokio_20(run: &mut Run, site: &Site) -> u64 {
    let runtime = one_thread();
    let work = || clients::tokio_workers(site, REQUESTS, WORKERS);
    timed(run, || runtime.block_on(work()))
}
