//! Thousands of requests at once: none is answered before all of them are open.
//!
//! Run:  cargo run --example loop_many
//! See:  ten thousand requests open at the same moment on one thread, and what
//!       a thread for each of them needs instead. The last case opens as many
//!       as this system lets a process have files, up to 20 000.
//!
//! Each client is a process of its own, so that its memory is its own; so is
//! the server. When all requests are open, the server thinks for 200 ms more.

use std::error::Error;
use std::process::ExitCode;
use std::rc::Rc;

use event_loop::library::{self, one_thread};
use event_loop::{EventLoop, Server, Site, clients, crowd, files, server};
use lab::{Experiment, Kind, Run};

const COUNTS: [u64; 2] = [1_000, 10_000];

#[derive(Clone, Copy)]
enum Client {
    Threads,
    Tokio,
    Own,
    Reqwest,
}

const CLIENTS: [(Client, Kind, &str, &str); 4] = [
    (Client::Threads, Kind::Thread, "threads", "sockets, a thread each"),
    (Client::Tokio, Kind::Task, "tokio", "sockets, tasks on tokio's loop"),
    (Client::Own, Kind::Task, "own", "sockets, tasks on our own loop"),
    (Client::Reqwest, Kind::Task, "reqwest", "reqwest, tasks on tokio's loop"),
];

fn main() -> ExitCode {
    let server = Rc::new(Server::default());
    let in_child = |name: &'static str, count: u64| {
        let server = Rc::clone(&server);
        move |run: &mut Run| crowd::watch(run, &server, name, count)
    };
    let mut experiment = Experiment::new(
        "loop_many",
        "Thousands of requests open at once: what do they need?",
    )
    .baseline("threads");
    let room = files::room();
    for count in COUNTS.into_iter().filter(|count| *count <= room) {
        experiment = experiment.case(&count.to_string(), "requests at once");
        for (_, kind, name, label) in CLIENTS {
            experiment =
                experiment.variant(kind, name, label, in_child(name, count));
        }
    }
    if room < COUNTS[1] && !lab::is_child() {
        eprintln!(
            "loop_many: this process's limit of open files has room for {room} \
             requests; cases beyond it are left out. `ulimit -n` shows the \
             limit, and may raise it."
        );
    }
    experiment = experiment.case("limit", "as many as fit").observed();
    for (client, kind, name, label) in &CLIENTS[..3] {
        let count = match client {
            Client::Threads => files::room_for_threads(),
            _ => room,
        };
        let sum = in_child(name, count);
        experiment = experiment.variant(*kind, name, label, move |run| {
            // With nobody to compare with, the answer is computed.
            let expected: u64 = (0..count).map(|n| n * n).sum();
            assert_eq!(sum(run), expected.to_string());
            format!("{count} requests, all answered")
        });
    }
    experiment
        .child(crowd::CHILD, as_client)
        .child(server::CHILD, |_| server::serve())
        .run()
}

fn as_client(args: &[String]) {
    let [name, address, count] = args else { panic!("not a client: {args:?}") };
    let client = CLIENTS.iter().find(|(.., known, _)| known == name);
    let client = client.expect("a client has this name").0;
    let count = count.parse().expect("a client is told how many");
    let address = address.parse().expect("a client is told whom to ask");
    let site = crowd::site(address, count);
    crowd::answer(count, || {
        ask(client, &site, count).expect("every request is answered")
    });
    if let Some(bytes) = state_bytes(client, site) {
        println!("state_bytes {bytes}");
    }
}

fn ask(client: Client, site: &Site, count: u64) -> Result<u64, Box<dyn Error>> {
    Ok(match client {
        Client::Threads => clients::threads(site, count)?,
        Client::Tokio => {
            one_thread().block_on(clients::tokio_tasks(site, count))?
        }
        Client::Own => clients::own_tasks(&EventLoop::new()?, site, count)?,
        Client::Reqwest => {
            let (client, limit) = (library::client(), count as usize);
            let tasks = library::in_tasks(&client, site, count, limit);
            one_thread().block_on(tasks)?
        }
    })
}

/// What a bare request keeps from one `await` to the next.
fn state_bytes(client: Client, site: Site) -> Option<usize> {
    match client {
        Client::Tokio => Some(size_of_val(&clients::fetch_tokio(site, 0))),
        Client::Own => {
            let handle = EventLoop::new().ok()?.handle();
            Some(size_of_val(&clients::fetch_own(handle, site, 0)))
        }
        Client::Threads | Client::Reqwest => None,
    }
}
