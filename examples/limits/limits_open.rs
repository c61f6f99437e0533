//! Two hundred requests in tasks, by a process that may open 64 files. How many
//! are answered?
//!
//! Run:  cargo run --example limits_open
//! See:  all at once, as many as there are files left, and the others fail at
//!       once: `Too many open files`. With a semaphore, or with fifty tasks
//!       that take turns at the list, all are answered.
//!
//! Each way is a child process, which has set its limit for itself. Linux only.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use lab::server::Server;
use lab::{Experiment, Kind, take_over};
use limits::name::named;
use limits::own;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const FILES: u64 = 64;
const REQUESTS: usize = 200;
/// With room for what a program has open besides.
const IN_FLIGHT: usize = 50;

fn main() -> ExitCode {
    if !own::HERE {
        eprintln!("limits_open: Linux only");
        return ExitCode::FAILURE;
    }
    let mut experiment = Experiment::new(
        "limits_open",
        "More requests than files: how many are answered?",
    )
    .baseline("at_once")
    .observed();
    for (name, says) in [
        ("at_once", "a task for each"),
        ("semaphore", "the same, 50 at a time"),
        ("turns", "50 tasks for all"),
    ] {
        experiment = experiment.variant(Kind::Task, name, says, move |run| {
            let server = Server::start().expect("a server");
            let args = [name.into(), server.address.to_string()];
            run.start_clock();
            take_over(run, "ask", &args)
        });
    }
    experiment.child("ask", child).run()
}

fn child(args: &[String]) {
    assert!(own::files(FILES), "a limit of files");
    let address = args[1].parse().expect("an address");
    let mut runtime = Builder::new_current_thread();
    let runtime = runtime.enable_io().build().expect("a loop");
    let answers = runtime.block_on(async {
        match args[0].as_str() {
            "at_once" => at_once(address).await,
            "semaphore" => semaphore(address).await,
            "turns" => turns(address).await,
            other => unreachable!("{other}"),
        }
    });
    let failed: Vec<_> =
        answers.iter().filter_map(|a| a.as_ref().err()).collect();
    println!("answered {}", answers.len() - failed.len());
    match failed.first() {
        Some(error) => println!("answer {}", named(error)),
        None => println!("answer all are answered"),
    }
}

type Answers = Vec<io::Result<()>>;

// ANCHOR: ways
async fn at_once(address: SocketAddr) -> Answers {
    let mut tasks = JoinSet::new();
    for _ in 0..REQUESTS {
        tasks.spawn(request(address));
    }
    tasks.join_all().await
}

async fn semaphore(address: SocketAddr) -> Answers {
    let places = Arc::new(Semaphore::new(IN_FLIGHT));
    let mut tasks = JoinSet::new();
    for _ in 0..REQUESTS {
        let places = Arc::clone(&places);
        tasks.spawn(async move {
            // Before the socket is made, and held until it is closed.
            let _place = places.acquire().await.unwrap();
            request(address).await
        });
    }
    tasks.join_all().await
}
// ANCHOR_END: ways

async fn turns(address: SocketAddr) -> Answers {
    let mut tasks = JoinSet::new();
    for _ in 0..IN_FLIGHT {
        tasks.spawn(async move {
            let mut answers = Vec::new();
            for _ in 0..REQUESTS / IN_FLIGHT {
                answers.push(request(address).await);
            }
            answers
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}

async fn request(address: SocketAddr) -> io::Result<()> {
    let mut connection = TcpStream::connect(address).await?;
    connection.write_all(b"GET /7?delay_ms=20 HTTP/1.1\r\n\r\n").await?;
    let mut reply = String::new();
    connection.read_to_string(&mut reply).await?;
    if reply.ends_with("49") { Ok(()) } else { Err(io::Error::other(reply)) }
}
