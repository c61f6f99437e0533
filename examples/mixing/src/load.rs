//! Who sends the requests: in a process of its own, so that what it costs is
//! not counted as the service's. It is the same for both languages.
//!
//! A connection carries one request. The client closes it at once and without a
//! word (`SO_LINGER` of nothing), or thousands would linger in `TIME_WAIT`.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, sleep};
use std::time::Duration;

use lab::random::{Random, fresh_seed};
use lab::timeline::now_ns;
use lab::{Gate, Run, rerun_self};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::{sleep as sleep_for, timeout};

use crate::job::Job;
use crate::service::LIGHT;

/// Requests differ by their number, and there are so many different ones.
const KINDS: u64 = 4;
/// One in so many is light.
const LIGHT_EACH: usize = 16;
/// This part of a closed loop is not counted: in it one after the other begins.
const WARM_UP: u32 = 3;
/// Who has waited so long waits for nobody.
const PATIENCE: Duration = Duration::from_secs(5);

/// How requests come.
#[derive(Clone, Copy, Debug)]
pub enum Load {
    /// So many in a second, by chance, for so long; what is answered within
    /// `in_time` is in time.
    Open {
        /// In a second.
        rate: f64,
        /// For how long they come.
        length: Duration,
        /// Later is too late.
        in_time: Duration,
    },
    /// So many at any time: whoever is answered asks again.
    Closed {
        /// How many.
        at_once: usize,
        /// Until when. What happens in the first third is not counted.
        length: Duration,
    },
}

/// What came of it, each by its name.
pub type Seen = Vec<(String, f64)>;

impl Load {
    /// Sends it from a child process, which `main` must know as `load`.
    ///
    /// # Panics
    /// When the child does not end as it should, or somebody got no answer, or
    /// a wrong one.
    pub fn send(self, to: SocketAddr, job: Job) -> Seen {
        let mut args = vec![to.to_string()];
        args.extend(self.words());
        args.extend((0..KINDS).map(|n| job.right(n).to_string()));
        let child: Command = rerun_self("load", &args).expect("our own path");
        seen(child)
    }

    fn words(self) -> Vec<String> {
        let ns = |time: Duration| time.as_nanos().to_string();
        match self {
            Load::Open { rate, length, in_time } => {
                vec!["open".into(), rate.to_string(), ns(length), ns(in_time)]
            }
            Load::Closed { at_once, length } => {
                vec!["closed".into(), at_once.to_string(), ns(length)]
            }
        }
    }
}

fn seen(mut child: Command) -> Seen {
    let out = child.output().expect("this program, started again");
    let said = String::from_utf8_lossy(&out.stdout);
    let complaint = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "the load: {complaint}");
    let line = |line: &str| {
        let (name, value) = line.split_once(' ').expect("a name and a value");
        (name.to_owned(), value.parse().expect("a number"))
    };
    said.lines().map(line).collect()
}

/// Notes what was seen.
pub fn note(run: &mut Run, seen: &Seen) {
    for (name, value) in seen {
        run.metric(name, *value);
    }
}

/// What was seen under that name.
///
/// # Panics
/// When it was not.
pub fn of(seen: &Seen, name: &str) -> f64 {
    let found = seen.iter().find(|(seen, _)| seen == name);
    found.unwrap_or_else(|| panic!("nothing is called {name}")).1
}

/// The child: sends, and prints what it saw.
///
/// # Panics
/// When somebody got no answer, or a wrong one.
pub fn child(args: &[String]) {
    let number = |i: usize| -> f64 { args[i].parse().expect("a number") };
    let to: SocketAddr = args[0].parse().expect("an address");
    let right = |from: usize| -> Vec<u64> {
        let all = args[from..].iter();
        all.map(|answer| answer.parse().expect("a number")).collect()
    };
    let length = |i: usize| Duration::from_nanos(number(i) as u64);
    match args[1].as_str() {
        "open" => open(to, number(2), length(3), length(4), &right(5)),
        "closed" => closed(to, number(2) as usize, length(3), right(4)),
        other => panic!("no load is called {other}"),
    }
}

/// A request that is due then, and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// After the start.
    pub after_ns: u64,
    /// What is asked for.
    pub n: u64,
}

// ANCHOR: arrivals
/// As many as the rate says, each at a moment that chance draws. So the load is
/// what it is called, and they come in clumps nevertheless.
pub fn arrivals(rate: f64, length: Duration, random: &mut Random) -> Vec<Due> {
    let count = (rate * length.as_secs_f64()) as usize;
    let length_ns = length.as_nanos() as usize;
    let mut draw = |n| Due { after_ns: random.below(length_ns) as u64, n };
    let heavy = |i| i as u64 % KINDS;
    let mut all: Vec<Due> = (0..count).map(|i| draw(heavy(i))).collect();
    all.extend((0..count / LIGHT_EACH).map(|_| draw(LIGHT)));
    all.sort();
    all
}
// ANCHOR_END: arrivals

struct Answered {
    n: u64,
    due_ns: u64,
    at_ns: u64,
    answer: Option<u64>,
}

fn open(
    to: SocketAddr,
    rate: f64,
    length: Duration,
    in_time: Duration,
    right: &[u64],
) {
    let all = arrivals(rate, length, &mut Random::new(fresh_seed()));
    let (heard, answers) = channel();
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a loop");
    let handle = runtime.handle().clone();
    let gate = Gate::of(2);
    // It hears; this thread asks, whatever has become of those before.
    let (over, ends) = tokio::sync::oneshot::channel::<()>();
    let hearing = gate.clone();
    let hears = thread::spawn(move || {
        hearing.wait();
        let _ = runtime.block_on(ends);
    });
    gate.wait();
    let began_ns = now_ns();
    // ANCHOR: open
    for Due { after_ns, n } in &all {
        let due_ns = began_ns + after_ns;
        sleep_until(due_ns);
        let connection = asked(to, *n);
        // From when it was due, not from when it was sent.
        handle.spawn(hear(connection, *n, due_ns, heard.clone()));
    }
    // ANCHOR_END: open
    drop(heard);
    let all: Vec<Answered> = answers.iter().collect();
    drop(over);
    hears.join().expect("it does not panic");
    let last_ns = all.iter().map(|answered| answered.at_ns).max();
    let took_s = (last_ns.unwrap_or(began_ns) - began_ns) as f64 / 1e9;
    check(&all, right);
    let times = |light| -> Vec<u64> {
        let of = all.iter().filter(|one| (one.n == LIGHT) == light);
        of.map(|one| one.at_ns - one.due_ns).collect()
    };
    let (heavy, light) = (times(false), times(true));
    let good = heavy.iter().filter(|ns| u128::from(**ns) <= in_time.as_nanos());
    let good = good.count() as f64;
    print(&[
        ("p50_ms", quantile_ms(&heavy, 0.5)),
        ("p99_ms", quantile_ms(&heavy, 0.99)),
        ("light_p50_ms", quantile_ms(&light, 0.5)),
        ("light_p90_ms", quantile_ms(&light, 0.9)),
        ("in_time_share", good / heavy.len() as f64),
        ("goodput", good / length.as_secs_f64()),
        ("throughput", heavy.len() as f64 / took_s),
    ]);
}

fn asked(to: SocketAddr, n: u64) -> TcpStream {
    let mut connection = TcpStream::connect(to).expect("somebody listens");
    let hard = SockRef::from(&connection).set_linger(Some(Duration::ZERO));
    hard.expect("a closing without a word");
    connection.write_all(&n.to_le_bytes()).expect("a place for it");
    connection.set_nonblocking(true).expect("it can be");
    connection
}

async fn hear(
    connection: TcpStream,
    n: u64,
    due_ns: u64,
    heard: Sender<Answered>,
) {
    let mut connection =
        tokio::net::TcpStream::from_std(connection).expect("in a loop");
    let answer = timeout(PATIENCE, connection.read_u64_le()).await;
    let answer = answer.ok().and_then(Result::ok);
    let _ = heard.send(Answered { n, due_ns, at_ns: now_ns(), answer });
}

fn check(all: &[Answered], right: &[u64]) {
    let expected = |n: u64| if n == LIGHT { 0 } else { right[n as usize] };
    let lost = all.iter().filter(|one| one.answer.is_none()).count();
    assert_eq!(lost, 0, "{lost} of {} got no answer", all.len());
    let wrong = all.iter().filter(|one| one.answer != Some(expected(one.n)));
    assert_eq!(wrong.count(), 0, "some got a wrong answer");
}

fn closed(to: SocketAddr, at_once: usize, length: Duration, right: Vec<u64>) {
    let runtime = Builder::new_current_thread().enable_all().build();
    let all = runtime.expect("a loop").block_on(async {
        let (began_ns, heard) = (now_ns(), channel());
        let mut askers = JoinSet::new();
        for i in 0..at_once as u64 {
            let (heard, n) = (heard.0.clone(), i % KINDS);
            // All at once they would be answered in waves.
            let pause = length / WARM_UP * i as u32 / at_once as u32;
            // Until the deadline, when the set is dropped.
            askers.spawn(async move {
                sleep_for(pause).await;
                again_and_again(to, n, &heard).await
            });
        }
        drop(heard.0);
        let end = timeout(length, askers.join_next()).await;
        assert!(end.is_err(), "somebody could not ask: {end:?}");
        drop(askers);
        let from_ns = began_ns + (length / WARM_UP).as_nanos() as u64;
        let all = heard.1.try_iter().filter(|one| one.at_ns >= from_ns);
        all.collect::<Vec<_>>()
    });
    check(&all, &right);
    let times: Vec<u64> =
        all.iter().map(|one| one.at_ns - one.due_ns).collect();
    let window_s = (length - length / WARM_UP).as_secs_f64();
    print(&[
        ("throughput", times.len() as f64 / window_s),
        ("p50_ms", quantile_ms(&times, 0.5)),
        ("p99_ms", quantile_ms(&times, 0.99)),
    ]);
}

async fn again_and_again(
    to: SocketAddr,
    n: u64,
    heard: &Sender<Answered>,
) -> std::io::Result<()> {
    loop {
        let due_ns = now_ns();
        let mut connection = tokio::net::TcpStream::connect(to).await?;
        SockRef::from(&connection).set_linger(Some(Duration::ZERO))?;
        connection.write_u64_le(n).await?;
        let answer = connection.read_u64_le().await?;
        let at_ns = now_ns();
        let _ = heard.send(Answered { n, due_ns, at_ns, answer: Some(answer) });
    }
}

fn print(lines: &[(&str, f64)]) {
    for (name, value) in lines {
        println!("{name} {value}");
    }
}

fn sleep_until(ns: u64) {
    let left = ns.saturating_sub(now_ns());
    if left > 0 {
        sleep(Duration::from_nanos(left));
    }
}

/// The time below which such a share of all times lies; 0 where there is none.
fn quantile_ms(times_ns: &[u64], share: f64) -> f64 {
    if times_ns.is_empty() {
        return 0.0;
    }
    let mut ms: Vec<f64> =
        times_ns.iter().map(|time| *time as f64 / 1e6).collect();
    ms.sort_by(f64::total_cmp);
    lab::stats::quantile(&ms, share)
}
