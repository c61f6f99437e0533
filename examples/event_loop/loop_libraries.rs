//! Twenty requests of 50 ms in tasks on one thread, by libraries that know of
//! tasks and by libraries that do not.
//!
//! Run:  cargo run --example loop_libraries
//! See:  blocking sockets in tasks take as long as one after another. The
//!       blocking half of reqwest does not even try: it panics, unless it was
//!       built without debug assertions. Both work from threads beside the
//!       loop, which is what `spawn_blocking` has.
//!
//! The server is a process of its own on 127.0.0.1 and ends with this one.

use std::io;
use std::panic;
use std::process::ExitCode;
use std::rc::Rc;

use event_loop::clients::{fetch, timed};
use event_loop::library::{self, one_thread};
use event_loop::{Server, Site, server};
use lab::{Experiment, Kind, Run};
use tokio::task::{JoinHandle, spawn_blocking};

const REQUESTS: u64 = 20;
const QUERY: &str = "delay_ms=50";

fn main() -> ExitCode {
    let server = Rc::new(Server::default());
    let ask = |work: fn(&mut Run, Site) -> u64| {
        let server = Rc::clone(&server);
        move |run: &mut Run| work(run, server.site(QUERY))
    };
    let question = "What becomes of a blocking library in a task?";
    Experiment::new("loop_libraries", question)
        .variant(
            Kind::Alone,
            "sequential",
            "sockets, one by one",
            ask(sequential),
        )
        .variant(
            Kind::Task,
            "sockets_in_tasks",
            "blocking sockets in tasks",
            ask(sockets_in_tasks),
        )
        .variant(
            Kind::Task,
            "spawn_blocking",
            "the same, by spawn_blocking",
            ask(in_spawn_blocking),
        )
        .variant(Kind::Task, "reqwest", "reqwest in tasks", ask(reqwest))
        .variant(
            Kind::Task,
            "reqwest_blocking",
            "reqwest::blocking, by spawn_blocking",
            ask(reqwest_blocking),
        )
        .observed()
        .variant(
            Kind::Task,
            "blocking_in_task",
            "reqwest::blocking in a task",
            |_| blocking_in_task(),
        )
        .child(server::CHILD, |_| server::serve())
        .run()
}

fn sequential(run: &mut Run, site: Site) -> u64 {
    timed(run, || (0..REQUESTS).map(|n| fetch(&site, n)).sum::<io::Result<_>>())
}

// ANCHOR: in_tasks
fn sockets_in_tasks(run: &mut Run, site: Site) -> u64 {
    // It compiles, and it answers. It only forgets to take turns.
    in_tasks(run, |n| {
        let site = site.clone();
        tokio::spawn(async move { fetch(&site, n) })
    })
}

fn in_spawn_blocking(run: &mut Run, site: Site) -> u64 {
    in_tasks(run, |n| {
        let site = site.clone();
        spawn_blocking(move || fetch(&site, n))
    })
}
// ANCHOR_END: in_tasks

fn reqwest(run: &mut Run, site: Site) -> u64 {
    let (client, runtime) = (library::client(), one_thread());
    timed(run, || {
        let limit = REQUESTS as usize;
        runtime.block_on(library::in_tasks(&client, &site, REQUESTS, limit))
    })
}

fn reqwest_blocking(run: &mut Run, site: Site) -> u64 {
    let client = library::blocking_client();
    in_tasks(run, |n| {
        let (client, url) = (client.clone(), site.url(n));
        spawn_blocking(move || {
            let text = client.get(url).send().and_then(|r| r.text());
            let text = text.map_err(io::Error::other)?;
            text.parse().map_err(io::Error::other)
        })
    })
}

fn in_tasks(
    run: &mut Run,
    start: impl Fn(u64) -> JoinHandle<io::Result<u64>>,
) -> u64 {
    let runtime = one_thread();
    timed(run, || runtime.block_on(all((0..REQUESTS).map(start))))
}

/// Starts all of them before it waits for the first.
async fn all(
    tasks: impl Iterator<Item = JoinHandle<io::Result<u64>>>,
) -> io::Result<u64> {
    let tasks: Vec<_> = tasks.collect();
    let mut sum = 0;
    for task in tasks {
        sum += task.await.expect("no task panics")?;
    }
    Ok(sum)
}

fn blocking_in_task() -> String {
    let runtime = one_thread();
    let task = runtime.spawn(async {
        // Making the client is enough: it waits for its runtime's thread.
        reqwest::blocking::Client::new();
    });
    let loud = panic::take_hook();
    panic::set_hook(Box::new(|_| {})); // the message is our answer
    let ended = runtime.block_on(task);
    panic::set_hook(loud);
    match ended {
        Ok(()) => "no complaint".into(),
        Err(error) => {
            let said = error.into_panic();
            let said = said.downcast_ref::<&str>().unwrap_or(&"in its way");
            format!("panicked: {said}")
        }
    }
}
