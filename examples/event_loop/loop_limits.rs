//! The same hundred URLs, with a limit of requests open at once: is it the
//! model that makes the time, or the limit?
//!
//! Run:  cargo run --example loop_limits
//! See:  threads and tasks on one line, a hundred URLs divided by the limit and
//!       rounded up, times 200 ms. With delays that differ and are 200 ms on
//!       average, neither ends before the slowest reply.
//!
//! Bare sockets on both sides: reqwest's blocking half asks in tasks, too.
//! Threads and loops are there before the clock starts.
//! The server is a process of its own on 127.0.0.1 and ends with this one.

use std::process::ExitCode;
use std::rc::Rc;

use event_loop::clients::{self, timed};
use event_loop::library::one_thread;
use event_loop::{Server, Site, server};
use lab::{Experiment, Kind, Run};

const URLS: u64 = 100;
const EQUAL: &str = "delay_ms=200";
const VARYING: &str = "mean_ms=200";
const LIMITS: [usize; 6] = [10, 14, 15, 20, 50, 100];

fn main() -> ExitCode {
    let server = Rc::new(Server::default());
    let mut experiment = Experiment::new(
        "loop_limits",
        "As many requests open at once: do threads or tasks matter then?",
    )
    .baseline("in_threads");
    for limit in LIMITS {
        let ask = |work: fn(&mut Run, &Site, usize) -> u64, query| {
            let server = Rc::clone(&server);
            move |run: &mut Run| work(run, &server.site(query), limit)
        };
        experiment =
            experiment.case(&limit.to_string(), "requests open at once");
        for (kind, name, label, work) in [
            (Kind::Thread, "in_threads", "threads", ask(threads, EQUAL)),
            (Kind::Task, "in_tasks", "tasks on one thread", ask(tasks, EQUAL)),
        ] {
            if limit < 20 {
                experiment = experiment.slow();
            }
            experiment = experiment.variant(kind, name, label, work);
        }
        if limit >= 20 {
            experiment = experiment
                .variant(
                    Kind::Thread,
                    "in_threads_varying",
                    "threads, delays differ",
                    ask(threads, VARYING),
                )
                .variant(
                    Kind::Task,
                    "in_tasks_varying",
                    "tasks, delays differ",
                    ask(tasks, VARYING),
                );
        }
    }
    experiment.child(server::CHILD, |_| server::serve()).run()
}

fn threads(run: &mut Run, site: &Site, limit: usize) -> u64 {
    let sum = clients::workers(run, site, URLS, limit);
    sum.expect("every request is answered")
}

fn tasks(run: &mut Run, site: &Site, limit: usize) -> u64 {
    let runtime = one_thread();
    timed(run, || runtime.block_on(clients::tokio_workers(site, URLS, limit)))
}
