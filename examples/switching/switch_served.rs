//! Waiting for many answers at once: threads against an event loop, in context
//! switches.
//!
//! Run:  cargo run --example switch_served
//! See:  a thread for each connection is switched about once a request, however
//!       many there are. The event loop is too as long as answers come one at a
//!       time; with a hundred in flight it finds several whenever it wakes up.
//!
//! The server is a process of its own, on another core if there is one, and is
//! not counted. It answers after a millisecond on average. Each connection has
//! one request in flight.

use std::cell::OnceCell;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::ExitCode;
use std::rc::Rc;

use lab::server::Server;
use lab::{Experiment, Kind, Run, os, rerun_self};
use switching::echo::serve;
use switching::rung::{cpus, on_core};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net;
use tokio::runtime::Builder;

fn main() -> ExitCode {
    let server: Rc<OnceCell<Server>> = Rc::default();
    let mut experiment = Experiment::new(
        "switch_served",
        "How many context switches does a request take?",
    )
    .baseline("threads")
    .child("serve", serve);
    for (connections, requests) in [(1, 200), (10, 100), (100, 50)] {
        let variant = |ask: fn(&mut Run, Asked) -> Answered| {
            let server = Rc::clone(&server);
            move |run: &mut Run| {
                let address = server.get_or_init(start).address;
                counted(run, ask, Asked { address, connections, requests })
            }
        };
        experiment = experiment
            .case(&connections.to_string(), "requests in flight")
            .variant(
                Kind::Thread,
                "threads",
                "a thread for each",
                variant(threads),
            )
            .variant(Kind::Task, "tasks", "tokio, one thread", variant(tasks));
    }
    experiment.run()
}

fn start() -> Server {
    let server = rerun_self("serve", &[]).and_then(Server::of);
    server.expect("a server that tells its address")
}

/// So many connections, each of which asks so often.
#[derive(Clone, Copy)]
struct Asked {
    address: SocketAddr,
    connections: u64,
    requests: u64,
}

impl Asked {
    /// The numbers that one of the connections asks for.
    fn by(self, connection: u64) -> impl Iterator<Item = u64> {
        (0..self.requests).map(move |i| connection * self.requests + i)
    }
}

/// The sum of the answers, and the context switches of the threads that asked.
type Answered = (u64, Option<u64>);

fn counted(
    run: &mut Run,
    ask: fn(&mut Run, Asked) -> Answered,
    asked: Asked,
) -> u64 {
    // The server has another core where there is one, so that neither takes
    // the other's away.
    let (sum, switches) = match cpus().first() {
        Some(&cpu) => on_core(cpu, || ask(run, asked)),
        None => ask(run, asked),
    };
    if let Some(switches) = switches {
        let requests = asked.connections * asked.requests;
        run.metric("switches_each", switches as f64 / requests as f64);
    }
    sum
}

/// Runs `work` and counts the switches of this thread.
fn watched(work: impl FnOnce() -> io::Result<u64>) -> Answered {
    let now = || {
        let switches = os::thread_switches()?;
        Some(switches.voluntary + switches.involuntary)
    };
    let before = now();
    let sum = work().expect("all answers");
    (sum, now().zip(before).map(|(now, before)| now - before))
}

fn threads(run: &mut Run, asked: Asked) -> Answered {
    let ask = |connection| -> io::Result<u64> {
        let mut server = TcpStream::connect(asked.address)?;
        server.set_nodelay(true)?;
        let mut sum = 0;
        for n in asked.by(connection) {
            let mut answer = [0; 8];
            server.write_all(&n.to_le_bytes())?;
            server.read_exact(&mut answer)?; // this thread sleeps
            sum += u64::from_le_bytes(answer);
        }
        Ok(sum)
    };
    let connections = asked.connections as usize;
    let all = run.together(connections, |i| watched(|| ask(i as u64)));
    all.into_iter().fold((0, Some(0)), |(sum, switches), (answer, own)| {
        (sum + answer, switches.zip(own).map(|(a, b)| a + b))
    })
}

// ANCHOR: tasks
fn tasks(run: &mut Run, asked: Asked) -> Answered {
    async fn ask(asked: Asked, connection: u64) -> io::Result<u64> {
        let mut server = net::TcpStream::connect(asked.address).await?;
        server.set_nodelay(true)?;
        let mut sum = 0;
        for n in asked.by(connection) {
            let mut answer = [0; 8];
            server.write_all(&n.to_le_bytes()).await?;
            server.read_exact(&mut answer).await?; // the other tasks go on
            sum += u64::from_le_bytes(answer);
        }
        Ok(sum)
    }
    let event_loop =
        Builder::new_current_thread().enable_io().build().expect("a loop");
    run.start_clock();
    let all: Vec<_> = (0..asked.connections)
        .map(|connection| event_loop.spawn(ask(asked, connection)))
        .collect();
    let answers = async {
        let mut sum = 0;
        for task in all {
            sum += task.await.expect("no panic")?;
        }
        Ok(sum)
    };
    watched(|| event_loop.block_on(answers))
}
// ANCHOR_END: tasks
