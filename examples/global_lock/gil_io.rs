//! Two threads that wait: is the lock let go?
//!
//! Run:  cargo run --example gil_io
//! See:  two waits take as long as one: for a sleep, for an answer over a
//!       socket and for a line from a file. `kept` differs by a word in the
//!       program: the function is called and not waited for. It takes two.
//!
//! The socket's other end and the file's are processes of their own.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::ExitCode;
use std::sync::{LazyLock, Mutex};
use std::thread::sleep;
use std::time::Duration;

use global_lock::arrangement::{alone, locked};
use global_lock::lock::GlobalLock;
use global_lock::machine::{Job, Team};
use global_lock::object::{Plain, Value};
use global_lock::program::Program;
use lab::server::Server;
use lab::{Experiment, Helper, Kind, Run, rerun_self};

const WAIT_MS: u64 = 30;

// ANCHOR: programs
const RELEASED: &str = "
    args which
    foreign something
    load which  wait something  store x
    load x  return";

const KEPT: &str = "
    args which
    foreign something
    load which  call something  store x
    load x  return";
// ANCHOR_END: programs

/// Waits for something, gets a number and gives its square.
type Wait = Box<dyn Fn(i64) -> i64 + Sync>;

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "gil_io",
        "Two threads wait for something: one after the other, or both at once?",
    );
    for (case, about, wait) in [
        ("sleep", "a sleep of 30 ms", nap as fn() -> Wait),
        ("socket", "an answer after 30 ms", ask_server),
        ("file", "a line in a file after 30 ms", read_files),
    ] {
        let twice =
            move |text, way| move |run: &mut Run| both(run, text, &wait(), way);
        let in_turn = twice(RELEASED, alone::<Plain>);
        let (threads, kept) = (twice(RELEASED, lock), twice(KEPT, lock));
        experiment = experiment
            .case(case, about)
            .variant(Kind::Alone, "sequential", "one after the other", in_turn)
            .variant(Kind::Thread, "threads", "2 threads", threads)
            .variant(Kind::Thread, "kept", "2 threads, the lock kept", kept);
    }
    experiment.child("late", |_| late()).run()
}

/// Two jobs that wait for the same kind of thing.
fn both(
    run: &mut Run,
    text: &str,
    something: &Wait,
    way: fn(&Team<'_>) -> Vec<Value>,
) -> String {
    let program = Program::parse(text).expect("a program");
    let job = |which| Job {
        program: &program,
        own: vec![Value::Int(which)],
        foreign: vec![something],
    };
    let (jobs, gate) = (vec![job(0), job(1)], run.gate(2));
    let team = Team { shared: vec![], jobs, gate };
    run.start_clock();
    let answers = way(&team);
    run.stop_clock();
    format!("{} {}", answers[0], answers[1])
}

fn lock(team: &Team<'_>) -> Vec<Value> {
    locked(team, &GlobalLock::new(Duration::from_millis(5)))
}

fn nap() -> Wait {
    Box::new(|which| {
        sleep(Duration::from_millis(WAIT_MS));
        which * which
    })
}

fn ask_server() -> Wait {
    // One for all runs; it ends when we do.
    static SERVER: LazyLock<Server> =
        LazyLock::new(|| Server::start().expect("a server"));
    let address = SERVER.address;
    Box::new(move |which| fetch(address, which).expect("an answer"))
}

/// Asks for the square of `n`.
fn fetch(server: SocketAddr, n: i64) -> io::Result<i64> {
    let mut connection = TcpStream::connect(server)?;
    write!(
        connection,
        "GET /{n}?delay_ms={WAIT_MS} HTTP/1.1\r\nhost: localhost\r\n\r\n"
    )?;
    let mut response = String::new();
    connection.read_to_string(&mut response)?;
    let body = response.rsplit("\r\n\r\n").next().unwrap_or_default();
    body.parse().map_err(|_| io::Error::other(response.clone()))
}

/// Two processes that write a line, late; to us files to read from.
fn read_files() -> Wait {
    let files = [0, 1].map(|_| {
        let late = rerun_self("late", &[]).and_then(Helper::start);
        Mutex::new(late.expect("a child process"))
    });
    Box::new(move |which| {
        let mut file = files[which as usize].lock().unwrap();
        let line = file.ask(&which.to_string()).expect("a line");
        line.parse().expect("a number")
    })
}

fn late() {
    println!("ready");
    for line in io::stdin().lines().map_while(Result::ok) {
        sleep(Duration::from_millis(WAIT_MS));
        let n: i64 = line.trim().parse().expect("a number");
        println!("{}", n * n);
    }
}
