//! Four processes accept on one port. Who gets the connection?
//!
//! Run:  cargo run --example limits_accepting
//! See:  where each waits in `accept`, they take turns. Where each waits in an
//!       epoll of its own, for one socket, one of them has nearly all that come
//!       one at a time, unless each goes to the end of the line after its turn.
//!       With a socket each (`SO_REUSEPORT`) a hash deals out evenly, and goes
//!       on dealing to one that does not look.
//!
//! The workers are child processes. They get their socket as standard input.
//! Linux only.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ExitCode, Stdio};
use std::thread::sleep;
use std::time::Duration;

use lab::timeline::now_ns;
use lab::{Experiment, Kind, Run, rerun_self};
use limits::own::{self, Epoll};
use socket2::{Domain, Socket, Type};

const WORKERS: usize = 4;
/// Connections that come one at a time, and those that come at once while one
/// worker is held up.
const ONE_BY_ONE: usize = 200;
const AT_ONCE: usize = 40;
const HELD_UP: Duration = Duration::from_millis(200);
/// Later than any process that may run, and before the one that is held up.
const LATE_NS: u64 = 100_000_000;
const PATIENCE: Duration = Duration::from_secs(5);

const WAYS: [(&str, &str); 5] = [
    ("blocking", "each waits in accept"),
    ("epoll", "each in its epoll, one socket"),
    ("exclusive", "the same, EPOLLEXCLUSIVE"),
    ("anew", "the same, registered anew each time"),
    ("reuseport", "a socket each, SO_REUSEPORT"),
];

fn main() -> ExitCode {
    if !own::HERE {
        eprintln!("limits_accepting: Linux only");
        return ExitCode::FAILURE;
    }
    let mut experiment = Experiment::new(
        "limits_accepting",
        "Four processes accept on one port: who gets the connection?",
    )
    .baseline("blocking")
    .observed();
    for (case, label) in [
        ("one", "one connection at a time"),
        ("held", "40 at once, one worker held up"),
    ] {
        experiment = experiment.case(case, label);
        for (name, says) in WAYS {
            let kind = Kind::Process;
            experiment = experiment
                .variant(kind, name, says, move |run| play(run, case, name));
        }
    }
    experiment.child("worker", worker).run()
}

fn play(run: &mut Run, case: &str, way: &str) -> String {
    run.elsewhere();
    let place = socket(way == "reuseport").expect("a port");
    if way != "reuseport" {
        place.listen(128).expect("it listens");
        // What several share is blocking for all of them, or for none.
        place.set_nonblocking(way != "blocking").expect("it is ours");
    }
    let address = place.local_addr().expect("it has an address");
    let address = address.as_socket().expect("an internet address");
    let workers: Vec<Worker> =
        (0..WORKERS).map(|i| Worker::start(i, way, &place)).collect();
    let before: u64 = workers.iter().map(Worker::sleeps).sum();
    run.start_clock();
    let answers = match case {
        "one" => one_by_one(address),
        _ => while_one_is_held_up(address),
    };
    run.stop_clock();
    let after: u64 = workers.iter().map(Worker::sleeps).sum();
    let mut shares = BTreeMap::<usize, usize>::new();
    for answer in &answers {
        *shares.entry(answer.worker).or_default() += 1;
    }
    let all = answers.len() as f64;
    let most = *shares.values().max().expect("there are answers");
    let late = answers.iter().filter(|a| a.waited_ns > LATE_NS).count();
    run.metric("busiest_share", most as f64 / all);
    let of = |worker| *shares.get(&worker).unwrap_or(&0) as f64 / all;
    run.metric("first_share", of(0));
    run.metric("last_share", of(WORKERS - 1));
    run.metric("late_share", late as f64 / all);
    run.metric("sleeps_each", (after - before) as f64 / all);
    let shares: Vec<String> =
        shares.iter().map(|(i, n)| format!("{n} to {i}")).collect();
    shares.join(", ")
}

/// Where all listen, or only a name for where each is to.
fn socket(reuse: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    share_port(&socket, reuse)?;
    let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    socket.bind(&any.into())?;
    Ok(socket)
}

#[cfg(unix)]
fn share_port(socket: &Socket, reuse: bool) -> io::Result<()> {
    socket.set_reuse_port(reuse)
}

#[cfg(not(unix))]
fn share_port(_: &Socket, _: bool) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

struct Answer {
    worker: usize,
    waited_ns: u64,
}

/// One that has asked, and when it came.
struct Asked(TcpStream, u64);

impl Asked {
    fn at(address: SocketAddr, what: u8) -> Asked {
        let came_ns = now_ns();
        let mut connection = TcpStream::connect(address).expect("a worker");
        connection.write_all(&[what]).expect("somebody listens");
        Asked(connection, came_ns)
    }

    /// The worker's number, and when it accepted.
    fn answer(mut self) -> Answer {
        let mut said = String::new();
        let patience = self.0.set_read_timeout(Some(PATIENCE));
        patience.expect("a timeout can be set");
        self.0.read_to_string(&mut said).expect("an answer");
        let (worker, at_ns) = said.split_once(' ').expect("two numbers");
        let at_ns: u64 = at_ns.parse().expect("a time");
        Answer {
            worker: worker.parse().expect("a number"),
            waited_ns: at_ns.saturating_sub(self.1),
        }
    }
}

// ANCHOR: load
fn one_by_one(address: SocketAddr) -> Vec<Answer> {
    (0..ONE_BY_ONE).map(|_| Asked::at(address, b'.').answer()).collect()
}

fn while_one_is_held_up(address: SocketAddr) -> Vec<Answer> {
    let slow = Asked::at(address, b'!');
    sleep(HELD_UP / 10); // by then somebody has it
    let all: Vec<_> = (0..AT_ONCE).map(|_| Asked::at(address, b'.')).collect();
    let answers = all.into_iter().map(Asked::answer).collect();
    slow.answer();
    answers
}
// ANCHOR_END: load

struct Worker(Child);

impl Worker {
    fn start(i: usize, way: &str, place: &Socket) -> Worker {
        let address = place.local_addr().expect("it has an address");
        let address = address.as_socket().expect("an internet address");
        let args = [i.to_string(), way.into(), address.to_string()];
        let mut child = rerun_self("worker", &args).expect("our path");
        child.stdin(as_input(place)).stdout(Stdio::piped());
        let mut worker = Worker(child.spawn().expect("a worker"));
        let out = worker.0.stdout.take().expect("stdout is piped");
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).expect("it says so");
        assert_eq!(line, "ready\n");
        worker
    }

    /// How often its main thread has gone to sleep.
    fn sleeps(&self) -> u64 {
        let status = format!("/proc/{}/status", self.0.id());
        let status = fs::read_to_string(status).expect("the kernel tells");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        line.and_then(|n| n.trim().parse().ok()).expect("a number")
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

#[cfg(unix)]
fn as_input(place: &Socket) -> Stdio {
    Stdio::from(std::os::fd::OwnedFd::from(
        place.try_clone().expect("a file for it"),
    ))
}

#[cfg(unix)]
fn as_listener() -> TcpListener {
    use std::os::fd::AsFd;
    let input = io::stdin().as_fd().try_clone_to_owned();
    TcpListener::from(input.expect("a file for it"))
}

#[cfg(not(unix))]
fn as_input(_: &Socket) -> Stdio {
    unimplemented!("a socket is not a standard input here")
}

#[cfg(not(unix))]
fn as_listener() -> TcpListener {
    unimplemented!("a socket is not a standard input here")
}

fn worker(args: &[String]) {
    own::end_with_parent();
    let i = &args[0];
    let address: SocketAddr = args[2].parse().expect("an address");
    match args[1].as_str() {
        "blocking" => blocking(i, &as_listener()),
        "epoll" => by_epoll(i, &as_listener(), false, false),
        "exclusive" => by_epoll(i, &as_listener(), true, false),
        "anew" => by_epoll(i, &as_listener(), true, true),
        "reuseport" => blocking(i, &of_my_own(address)),
        other => unreachable!("{other}"),
    }
}

fn ready() {
    println!("ready");
}

// ANCHOR: workers
fn blocking(i: &str, listener: &TcpListener) {
    ready();
    loop {
        let (connection, _) = listener.accept().expect("a connection");
        serve(i, connection);
    }
}

fn by_epoll(i: &str, listener: &TcpListener, exclusive: bool, anew: bool) {
    let epoll = Epoll::of(listener, exclusive).expect("an epoll");
    ready();
    loop {
        epoll.wait().expect("an event");
        // Another may have been quicker: then there is nothing to accept.
        let Ok((connection, _)) = listener.accept() else { continue };
        if anew {
            epoll.again(listener).expect("it was registered");
        }
        serve(i, connection);
    }
}

fn of_my_own(address: SocketAddr) -> TcpListener {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("one");
    share_port(&socket, true).expect("a port can be shared");
    socket.bind(&address.into()).expect("the same port");
    socket.listen(128).expect("it listens");
    socket.into()
}
// ANCHOR_END: workers

fn serve(i: &str, mut connection: TcpStream) {
    let accepted_ns = now_ns();
    let mut what = [0];
    connection.read_exact(&mut what).expect("it asks");
    if what == *b"!" {
        sleep(HELD_UP);
    }
    write!(connection, "{i} {accepted_ns}").expect("it waits for this");
}
