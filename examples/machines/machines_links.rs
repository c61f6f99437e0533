//! How long does a job take over several hosts, by what is between them?
//!
//! Run:  cargo run --example machines_links
//! See:  as long as nobody waits for anybody, a delay is paid once, not once
//!       for each message. Who waits after each window pays it ten times. Where
//!       a link is slow, what counts is how many bytes are sent: combine first.
//!       In all of it, the loop on one thread is done long before.
//!
//! What is between the hosts is a process of ours that passes on each piece
//! when it is due. With root and `ip` it is the kernel, in the case `kernel`.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use lab::{Experiment, Helper, Kind, Run, rerun_self};
use machines::events;
use machines::hosts::{HOST, Hosts, Way, host};
use machines::links::{self, LINKS, Links};
use machines::namespaces::{NET, Namespaces};

/// One way, in microseconds, and what it is called in milliseconds.
const DELAYS: [(u64, &str); 4] =
    [(0, "0"), (500, "0.5"), (5_000, "5"), (50_000, "50")];
/// 100 Mbit/s.
const SLOW: u64 = 12_500_000;
const BULK: usize = 32 << 20;

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "machines_links",
        "How long does a job over several hosts take, by what is between them?",
    )
    .baseline("plain");
    for (us, name) in DELAYS {
        let kind =
            links::Kind { delay: Duration::from_micros(us), bytes_per_s: 0 };
        experiment = experiment.case(name, "ms of delay");
        experiment = experiment.variant(Kind::Alone, "plain", "a loop", plain);
        for (n, way, name) in [
            (2, Way::All, "hosts_2"),
            (4, Way::All, "hosts_4"),
            (2, Way::Combined, "hosts_2_combined"),
            (2, Way::InTurn, "hosts_2_in_turn"),
        ] {
            let label = format!("{n} hosts, {}", words(way));
            experiment =
                experiment.variant(Kind::Process, name, &label, move |run| {
                    over_links(run, n, way, kind)
                });
        }
    }
    let slow =
        links::Kind { delay: Duration::from_micros(500), bytes_per_s: SLOW };
    experiment = experiment.case("slow", "100 Mbit/s, 0.5 ms").variant(
        Kind::Alone,
        "plain",
        "a loop",
        plain,
    );
    for (n, way, name) in [
        (2, Way::All, "hosts_2"),
        (4, Way::All, "hosts_4"),
        (2, Way::Combined, "hosts_2_combined"),
        (4, Way::Combined, "hosts_4_combined"),
    ] {
        let label = format!("{n} hosts, {}", words(way));
        experiment =
            experiment.variant(Kind::Process, name, &label, move |run| {
                over_links(run, n, way, slow)
            });
    }
    experiment = experiment
        .observed()
        .case("message", "eight bytes there and back")
        .variant(Kind::Process, "direct", "loopback", |run| message(run, None));
    for (us, name) in DELAYS {
        let kind =
            links::Kind { delay: Duration::from_micros(us), bytes_per_s: 0 };
        let label = format!("a link of {name} ms");
        experiment = experiment.variant(
            Kind::Process,
            &format!("link_{us}_us"),
            &label,
            move |run| message(run, Some(kind)),
        );
    }
    experiment
        .variant(Kind::Process, "bulk", "32 MiB one way, loopback", bulk)
        .case("kernel", "links that the kernel makes")
        .variant(Kind::Process, "cable", "nothing added", |run| {
            by_kernel(run, Way::All, "")
        })
        .variant(Kind::Process, "slow", "tbf, 100 Mbit/s", |run| {
            by_kernel(run, Way::All, "tbf rate 100mbit burst 64kb latency 10s")
        })
        .variant(Kind::Process, "delay", "netem, 5 ms", |run| {
            by_kernel(run, Way::InTurn, "netem delay 5ms")
        })
        .child(HOST, host)
        .child(LINKS, links::serve)
        .child("echo", |_| echo())
        .child("sink", |_| sink())
        .run()
}

/// What is sent when, as the page's figures say it.
fn words(way: Way) -> &'static str {
    match way {
        Way::All => "all at once",
        Way::Combined => "combined first",
        Way::InTurn => "in turn",
        Way::Live => "as it comes",
    }
}

fn plain(run: &mut Run) -> String {
    let log = events::log(0, 1);
    run.start_clock();
    let windows = events::plain(log, 0);
    run.stop_clock();
    events::answer(&windows)
}

// ANCHOR: over
fn over_links(run: &mut Run, n: usize, way: Way, kind: links::Kind) -> String {
    let mut links = Links::start(kind).expect("links");
    let between = |_, _, address| links.to(address);
    let hosts = Hosts::start(n, way, 0, between).expect("hosts");
    hosts.answer(run).expect("their answers")
}
// ANCHOR_END: over

/// The same over cables of the kernel's, or what it says that it has not.
fn by_kernel(run: &mut Run, way: Way, link: &str) -> String {
    run.elsewhere();
    let net = match Namespaces::make(2, link) {
        Ok(net) => net,
        Err(why) => return format!("absent: {why}"),
    };
    let command = |args: &[String]| net.command(HOST, args);
    let hosts = Hosts::start_by(2, way, command, NET, |_, _, to| Ok(to));
    hosts.and_then(|hosts| hosts.answer(run)).expect("their answers")
}

/// Half of a round trip, which is a message.
fn message(run: &mut Run, kind: Option<links::Kind>) -> &'static str {
    run.elsewhere();
    let echo =
        rerun_self("echo", &[]).and_then(Helper::start).expect("an echo");
    let mut address: SocketAddr =
        echo.first_line().parse().expect("an address");
    let mut links = kind.map(|kind| Links::start(kind).expect("links"));
    if let Some(links) = &mut links {
        address = links.to(address).expect("a link");
    }
    let mut socket = TcpStream::connect(address).expect("the echo");
    socket.set_nodelay(true).expect("a socket's option");
    let mut word = [0; 8];
    let mut ask = || {
        socket.write_all(&word)?;
        socket.read_exact(&mut word)
    };
    ask().expect("an answer"); // the connection is there
    let is_long = kind.is_some_and(|kind| kind.delay.as_millis() > 0);
    let times = if is_long { 3 } else { 100 };
    run.start_clock();
    for _ in 0..times {
        ask().expect("an answer");
    }
    run.stop_clock();
    let each = run.elapsed().as_secs_f64() / f64::from(2 * times);
    run.metric("link_message_ns", each * 1e9);
    "as it was sent"
}

/// A lot, one way; the other side says when all of it is there.
fn bulk(run: &mut Run) -> &'static str {
    run.elsewhere();
    let sink = rerun_self("sink", &[]).and_then(Helper::start).expect("a sink");
    let address: SocketAddr = sink.first_line().parse().expect("an address");
    let mut socket = TcpStream::connect(address).expect("the sink");
    let piece = vec![7; 1 << 16];
    run.start_clock();
    for _ in 0..BULK / piece.len() {
        socket.write_all(&piece).expect("a listener");
    }
    socket.shutdown(Shutdown::Write).expect("a connection");
    socket.read_exact(&mut [0]).expect("its word");
    run.stop_clock();
    let each = run.elapsed().as_secs_f64() / BULK as f64;
    run.metric("link_ns_per_byte", each * 1e9);
    "as it was sent"
}

fn accept() -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    println!("{}", listener.local_addr().expect("an address"));
    let (socket, _) = listener.accept().expect("a connection");
    socket.set_nodelay(true).expect("a socket's option");
    socket
}

/// Says again what it hears, until the connection ends.
fn echo() {
    let (mut socket, mut word) = (accept(), [0; 8]);
    while socket.read_exact(&mut word).is_ok() {
        if socket.write_all(&word).is_err() {
            return;
        }
    }
}

/// Reads until there is no more, and says so.
fn sink() {
    let (mut socket, mut buffer) = (accept(), vec![0; 1 << 16]);
    while matches!(socket.read(&mut buffer), Ok(1..)) {}
    let _ = socket.write_all(&[1]);
}
