//! SIGTERM with clients in line: what becomes of those whom nobody has let in?
//!
//! Run:  cargo run --example ending_door
//! See:  to close the door resets whoever was in line, connected and with its
//!       request sent. To let in first who is there answers all of them, and
//!       refuses who comes later. To go on for a while answers those, too.
//!
//! A server does one request after the other, each in 20 ms. One is begun, four
//! are in line when the signal comes, one comes 40 ms after it.

use std::iter;
use std::net::TcpStream;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::thread::sleep;
use std::time::{Duration, Instant};

use ending::crowd::{Server, announce, ask, begin, begun, listener};
use ending::crowd::{is_answered, try_ask};
use ending::os::{Bell, Door, Word, tell};
use ending::talk;
use lab::{Experiment, Kind, Run};

const IN_LINE: usize = 4;
const WORK: Duration = Duration::from_millis(20);
const LATE: Duration = Duration::from_millis(40);
/// So long one way goes on after the signal.
const LINGER: Duration = Duration::from_millis(150);

type Way = (&'static str, &'static str, fn(Door));

const WAYS: [Way; 3] = [
    ("close", "closes the door", close),
    ("let_in", "lets in who is in line, then closes", let_in),
    ("linger", "goes on for 150 ms, then the same", linger),
];

fn main() -> ExitCode {
    let question = "SIGTERM with clients in line: what becomes of them?";
    let mut experiment =
        Experiment::new("ending_door", question).baseline("close").observed();
    for (way, label, _) in WAYS {
        experiment = experiment
            .variant(Kind::Thread, way, label, move |run| told(run, way));
    }
    experiment.child("serve", serve).run()
}

fn told(run: &mut Run, way: &str) -> String {
    run.elsewhere();
    let mut server = Server::start(&[way]);
    let work = WORK.as_millis();
    let mut first = ask(server.address, work);
    begun(&mut first);
    let line = [(); IN_LINE].map(|()| ask(server.address, work));
    run.start_clock();
    tell(server.pid(), Word::Terminate);
    sleep(LATE);
    let late = try_ask(server.address, work);
    server.ends();
    run.stop_clock();

    let in_line = count(line);
    run.metric("begun_answered", count([first]) as f64);
    run.metric("line_answered", in_line as f64);
    let late = match late.map(is_answered) {
        Ok(true) => "answered",
        Ok(false) => "reset",
        Err(_) => "refused",
    };
    run.metric("late_answered", f64::from(u8::from(late == "answered")));
    format!("{in_line} of {IN_LINE} in line answered, who comes late {late}")
}

fn count<const N: usize>(connections: [TcpStream; N]) -> usize {
    connections.map(is_answered).into_iter().filter(|&it_is| it_is).count()
}

fn serve(args: &[String]) {
    begin();
    let listener = listener();
    let address = listener.local_addr().expect("an address");
    let door = Door::open(listener, Bell::of(Word::Terminate));
    announce(address);
    let mut ways = WAYS.iter();
    let way = ways.find(|way| way.0 == args[0]).expect("one of the ways");
    way.2(door);
}

// ANCHOR: ways
fn close(door: Door) {
    while let Some(connection) = door.next() {
        talk(connection);
    }
    // The kernel has let in others meanwhile, and resets them.
    drop(door);
}

fn let_in(door: Door) {
    while let Some(connection) = door.next() {
        talk(connection);
    }
    let line: Vec<_> = iter::from_fn(|| door.in_line()).collect();
    drop(door);
    line.into_iter().for_each(talk);
}
// ANCHOR_END: ways

fn linger(door: Door) {
    while let Some(connection) = door.next() {
        talk(connection);
    }
    let then = Instant::now() + LINGER;
    while Instant::now() < then {
        match door.in_line() {
            Some(connection) => talk(connection),
            None => sleep(Duration::from_millis(1)),
        }
    }
    let line: Vec<_> = iter::from_fn(|| door.in_line()).collect();
    drop(door);
    line.into_iter().for_each(talk);
}

fn talk(connection: TcpStream) {
    let _ = talk::of_thread(connection, &AtomicBool::new(true));
}
