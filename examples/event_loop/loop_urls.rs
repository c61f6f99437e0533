//! A hundred URLs, each of which takes 200 ms: the headline of many an article.
//!
//! Run:  cargo run --example loop_urls
//! See:  20 s one by one; five waits with 20 threads; little more than one wait
//!       with a hundred threads or with tasks on one thread. One by one takes
//!       its 20 s in every round, so this runs for some minutes, unless you
//!       leave it out: `--quick`, or `--only tokio,own,threads`.
//!
//! The server is a process of its own on 127.0.0.1 and ends with this one.

use std::process::ExitCode;
use std::rc::Rc;

use event_loop::clients::timed;
use event_loop::library::{self, one_thread, several_threads};
use event_loop::{EventLoop, Server, Site, clients, server};
use lab::{Experiment, Kind, Run};
use tokio::runtime::Runtime;

const URLS: u64 = 100;
const QUERY: &str = "delay_ms=200";

fn main() -> ExitCode {
    let server = Rc::new(Server::default());
    let ask = |work: fn(&mut Run, &Site) -> u64| {
        let server = Rc::clone(&server);
        move |run: &mut Run| work(run, &server.site(QUERY))
    };
    let question = "100 URLs of 200 ms each: how fast can they be fetched?";
    Experiment::new("loop_urls", question)
        .slow()
        .variant(
            Kind::Alone,
            "sequential",
            "reqwest::blocking, one by one",
            ask(|run, site| threads(run, site, 1)),
        )
        .variant(
            Kind::Thread,
            "threads_20",
            "reqwest::blocking, 20 threads",
            ask(|run, site| threads(run, site, 20)),
        )
        .variant(
            Kind::Thread,
            "threads_100",
            "reqwest::blocking, 100 threads",
            ask(|run, site| threads(run, site, 100)),
        )
        .variant(
            Kind::Task,
            "tokio",
            "reqwest, tasks on one thread",
            ask(|run, site| tasks(run, site, one_thread())),
        )
        .variant(
            Kind::Task,
            "tokio_workers",
            "reqwest, tasks on tokio's workers",
            ask(|run, site| {
                let workers = run.threads();
                tasks(run, site, several_threads(workers))
            }),
        )
        .variant(
            Kind::Thread,
            "bare_threads",
            "sockets, 100 threads",
            ask(bare_threads),
        )
        .variant(
            Kind::Task,
            "bare_tokio",
            "sockets, tasks on tokio's loop",
            ask(bare_tokio),
        )
        .variant(Kind::Task, "own", "sockets, tasks on our own loop", ask(own))
        .child(server::CHILD, |_| server::serve())
        .run()
}

// Loops and clients are made before the clock starts, as a program makes them
// once, and so are the threads. With reqwest these only wait: the requests are
// tasks on one thread of its own. What threads cost is told by bare sockets.

fn threads(run: &mut Run, site: &Site, threads: usize) -> u64 {
    let client = library::blocking_client();
    let sum = library::in_threads(run, &client, site, URLS, threads);
    sum.expect("every request is answered")
}

fn tasks(run: &mut Run, site: &Site, runtime: Runtime) -> u64 {
    let client = library::client();
    timed(run, || {
        let tasks = library::in_tasks(&client, site, URLS, URLS as usize);
        runtime.block_on(tasks)
    })
}

fn bare_threads(run: &mut Run, site: &Site) -> u64 {
    let sum = clients::workers(run, site, URLS, URLS as usize);
    sum.expect("every request is answered")
}

fn bare_tokio(run: &mut Run, site: &Site) -> u64 {
    let runtime = one_thread();
    timed(run, || runtime.block_on(clients::tokio_tasks(site, URLS)))
}

fn own(run: &mut Run, site: &Site) -> u64 {
    let event_loop = EventLoop::new().expect("the kernel has a poller");
    timed(run, || clients::own_tasks(&event_loop, site, URLS))
}
