//! The same hundred URLs, with so many requests open at once and no more: is it
//! the model that makes the time, or the limit?
//!
//! Run:  cargo run --example loop_limits
//! See:  threads and tasks on one line, a hundred URLs divided by the limit and
//!       rounded up, times 200 ms.
//!
//! The server is a process of its own on 127.0.0.1 and ends with this one.

use std::process::ExitCode;
use std::rc::Rc;

use event_loop::clients::timed;
use event_loop::{Server, Site, library, server};
use lab::{Experiment, Kind, Run};

const URLS: u64 = 100;
const QUERY: &str = "delay_ms=200";
const LIMITS: [usize; 6] = [5, 14, 15, 20, 50, 100];

fn main() -> ExitCode {
    let server = Rc::new(Server::default());
    let mut experiment = Experiment::new(
        "loop_limits",
        "As many requests open at once: do threads or tasks matter then?",
    )
    .baseline("threads");
    for limit in LIMITS {
        let ask = |work: fn(&mut Run, &Site, usize) -> u64| {
            let server = Rc::clone(&server);
            move |run: &mut Run| work(run, &server.site(QUERY), limit)
        };
        experiment =
            experiment.case(&limit.to_string(), "requests open at once");
        for (kind, name, label, work) in [
            (Kind::Thread, "threads", "reqwest, threads", ask(threads)),
            (Kind::Task, "tasks", "reqwest, tasks on one thread", ask(tasks)),
        ] {
            if limit < 20 {
                experiment = experiment.slow();
            }
            experiment = experiment.variant(kind, name, label, work);
        }
    }
    experiment.child(server::CHILD, |_| server::serve()).run()
}

fn threads(run: &mut Run, site: &Site, limit: usize) -> u64 {
    let client = library::blocking_client();
    let sum = library::in_threads(run, &client, site, URLS, limit);
    sum.expect("every request is answered")
}

fn tasks(run: &mut Run, site: &Site, limit: usize) -> u64 {
    let (client, runtime) = (library::client(), library::one_thread());
    let tasks = || library::in_tasks(&client, site, URLS, limit);
    timed(run, || runtime.block_on(tasks()))
}
