//! Waiting in threads: 24 requests to a server that takes 20 ms for each.
//!
//! Run:  cargo run --example threads_io
//! See:  one after another takes 24 delays, six threads take four, and a thread
//!       for each request little more than one. The CPU column stays low:
//!       the speed-up has nothing to do with cores.
//!
//! The server is a process of its own on 127.0.0.1 and ends with this one.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use lab::server::Server;
use lab::{Experiment, Kind, Run};

const REQUESTS: u64 = 24;
const DELAY_MS: u64 = 20;
const WORKERS: usize = 6;

fn main() -> ExitCode {
    let server = Rc::new(RefCell::new(None));
    let with_server = |work: fn(&mut Run, SocketAddr) -> io::Result<u64>| {
        let server = Rc::clone(&server);
        move |run: &mut Run| {
            let mut server = server.borrow_mut();
            let server = server
                .get_or_insert_with(|| Server::start().expect("a server"));
            run.start_clock();
            work(run, server.address).expect("an answer to each request")
        }
    };
    Experiment::new(
        "threads_io",
        "What do threads gain when the work is waiting?",
    )
    .variant(
        Kind::Alone,
        "sequential",
        "one after another",
        with_server(sequential),
    )
    .variant(Kind::Thread, "workers", "6 threads", with_server(workers))
    .variant(Kind::Thread, "threads", "a thread each", with_server(threads))
    .run()
}

// ANCHOR: variants
fn sequential(_: &mut Run, server: SocketAddr) -> io::Result<u64> {
    (0..REQUESTS).map(|n| fetch(server, n)).sum()
}

fn threads(run: &mut Run, server: SocketAddr) -> io::Result<u64> {
    let answers = run.together(REQUESTS as usize, |n| fetch(server, n as u64));
    answers.into_iter().sum()
}

fn workers(run: &mut Run, server: SocketAddr) -> io::Result<u64> {
    let next = AtomicU64::new(0);
    let worker = |_| -> io::Result<u64> {
        let mut sum = 0;
        loop {
            // Whoever is free takes the next number.
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= REQUESTS {
                return Ok(sum);
            }
            sum += fetch(server, n)?;
        }
    };
    run.together(WORKERS, worker).into_iter().sum()
}
// ANCHOR_END: variants

/// Asks for the square of `n` over HTTP/1.1, on a connection of its own. A real
/// client would look at the headers; this one knows its server.
fn fetch(server: SocketAddr, n: u64) -> io::Result<u64> {
    let mut connection = TcpStream::connect(server)?;
    write!(
        connection,
        "GET /{n}?delay_ms={DELAY_MS} HTTP/1.1\r\nhost: localhost\r\n\r\n"
    )?;
    let mut response = String::new();
    connection.read_to_string(&mut response)?;
    let body = response.rsplit("\r\n\r\n").next().unwrap_or_default();
    body.parse()
        .map_err(|_| io::Error::other(format!("not a number: {response:?}")))
}
