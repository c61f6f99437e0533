//! A server that may open 48 files, and 70 clients at once, each of whom is
//! answered after 120 ms. What does its accept loop do when there is no file
//! left for a connection?
//!
//! Run:  cargo run --example limits_accept
//! See:  a loop that tries again at once has a core to itself until somebody
//!       leaves; one that ends at an error serves nobody who comes later. A
//!       pause costs nothing and serves all, and so does a loop that accepts
//!       only when it has a place. A spare file lets it turn away at once.
//!
//! The server is a child process, which has set its limit for itself. Linux
//! only.

use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::{self, sleep};
use std::time::Duration;

use lab::timeline::now_ns;
use lab::{Experiment, Helper, Kind, Run, os, rerun_self};
use limits::own;
use tokio::sync::Semaphore;

const FILES: u64 = 48;
const CLIENTS: usize = 70;
/// How many the server takes at a time, where it counts them.
const PLACES: usize = 36;
const HOLD: Duration = Duration::from_millis(120);
/// The window, from when all clients have come, in which we look at the
/// server: all that it can accept it has accepted, and nobody leaves yet.
const FROM: Duration = Duration::from_millis(30);
const LENGTH: Duration = Duration::from_millis(60);
const PATIENCE: Duration = Duration::from_secs(5);

type Way = (&'static str, &'static str, Kind, fn(TcpListener));

const WAYS: [Way; 7] = [
    ("again", "tries again at once", Kind::Thread, again),
    ("ends", "ends at an error", Kind::Thread, ends),
    ("pauses", "pauses for 10 ms", Kind::Thread, pauses),
    ("spare", "has a spare file, turns away", Kind::Thread, spare),
    ("workers", "36 threads that accept", Kind::Thread, workers),
    ("tokio_again", "tokio, tries again at once", Kind::Task, tokio_again),
    ("tokio_places", "tokio, a place first", Kind::Task, tokio_places),
];

fn main() -> ExitCode {
    if !own::HERE {
        eprintln!("limits_accept: Linux only");
        return ExitCode::FAILURE;
    }
    let mut experiment = Experiment::new(
        "limits_accept",
        "No file is left for a connection: what does the accept loop do?",
    )
    .baseline("pauses")
    .observed();
    for (name, says, kind, _) in WAYS {
        experiment =
            experiment.variant(kind, name, says, move |run| clients(run, name));
    }
    experiment.child("server", server).run()
}

/// All clients, in one thread: they connect, and then wait for their answers.
fn clients(run: &mut Run, way: &str) -> String {
    run.elsewhere();
    let server = rerun_self("server", &[way.into()]).and_then(Helper::start);
    let mut server = server.expect("a server");
    let address = server.first_line().to_owned();
    run.start_clock();
    let connections: Vec<_> =
        (0..CLIENTS).map(|_| TcpStream::connect(&address)).collect();
    sleep(FROM);
    let before = used(&mut server);
    sleep(LENGTH);
    let after = used(&mut server);
    let served = connections.into_iter().filter_map(Result::ok);
    let served = served.filter_map(|one| answered(one).ok()).count();
    run.stop_clock();
    if let (Some((then, from)), Some((now, until))) = (before, after) {
        run.metric("cpu_share", (now - then) as f64 / (until - from) as f64);
    }
    run.metric("served", served as f64);
    format!("{served} of {CLIENTS} served")
}

fn answered(mut connection: TcpStream) -> io::Result<()> {
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.read_exact(&mut [0])
}

/// The server's CPU time so far, and when that was.
fn used(server: &mut Helper) -> Option<(u64, u64)> {
    let line = server.ask("used").expect("the server is there");
    let (cpu, now) = line.split_once(' ')?;
    Some((cpu.parse().ok()?, now.parse().ok()?))
}

fn server(args: &[String]) {
    let (.., way) = WAYS.iter().find(|w| w.0 == args[0]).expect("a way");
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    assert!(own::files(FILES), "a limit of files");
    println!("{}", listener.local_addr().expect("it has an address"));
    thread::spawn(move || way(listener));
    for _ in io::stdin().lock().lines() {
        let cpu = os::counters().cpu_ns.unwrap_or_default();
        println!("{cpu} {}", now_ns());
    }
}

fn serve(connection: TcpStream) {
    thread::spawn(move || reply(connection));
}

fn reply(mut connection: TcpStream) {
    sleep(HOLD);
    let _ = connection.write_all(b"."); // a client may have left
}

// ANCHOR: wrong
fn again(listener: TcpListener) {
    for connection in listener.incoming() {
        let Ok(connection) = connection else { continue };
        serve(connection);
    }
}

fn ends(listener: TcpListener) {
    while let Ok((connection, _)) = listener.accept() {
        serve(connection);
    }
}
// ANCHOR_END: wrong

// ANCHOR: right
fn pauses(listener: TcpListener) {
    for connection in listener.incoming() {
        match connection {
            Ok(connection) => serve(connection),
            Err(_) => sleep(Duration::from_millis(10)),
        }
    }
}

fn workers(listener: TcpListener) {
    thread::scope(|scope| {
        for _ in 0..PLACES {
            // Who is busy accepts nobody: the others wait in the backlog.
            scope.spawn(|| listener.incoming().flatten().for_each(reply));
        }
    });
}
// ANCHOR_END: right

// ANCHOR: spare
fn spare(listener: TcpListener) {
    let mut spare = File::open("/dev/null").ok();
    for connection in listener.incoming() {
        match connection {
            Ok(connection) => serve(connection),
            Err(_) => {
                drop(spare.take());
                drop(listener.accept()); // turned away, and knows it
                spare = File::open("/dev/null").ok();
            }
        }
    }
}
// ANCHOR_END: spare

fn on_tokio(work: impl AsyncFnOnce(tokio::net::TcpListener), std: TcpListener) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().expect("a loop");
    runtime.block_on(async {
        std.set_nonblocking(true).expect("it need not block");
        work(tokio::net::TcpListener::from_std(std).expect("a listener")).await;
    });
}

async fn reply_later(mut connection: tokio::net::TcpStream) {
    use tokio::io::AsyncWriteExt;
    tokio::time::sleep(HOLD).await;
    let _ = connection.write_all(b".").await;
}

fn tokio_again(listener: TcpListener) {
    on_tokio(accept_again, listener);
}

fn tokio_places(listener: TcpListener) {
    on_tokio(accept_with_places, listener);
}

async fn accept_again(listener: tokio::net::TcpListener) {
    loop {
        let Ok((connection, _)) = listener.accept().await else { continue };
        tokio::spawn(reply_later(connection));
    }
}

// ANCHOR: places
async fn accept_with_places(listener: tokio::net::TcpListener) {
    let places = Arc::new(Semaphore::new(PLACES));
    loop {
        let place = Arc::clone(&places).acquire_owned().await.unwrap();
        match listener.accept().await {
            Ok((connection, _)) => {
                tokio::spawn(async move {
                    reply_later(connection).await;
                    drop(place);
                });
            }
            // Something else in this process may have taken the files.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}
// ANCHOR_END: places
