//! Hosts: this program again, in processes that share nothing and talk by TCP.
//!
//! What is on the wire between them is timely's own. Only the sockets are ours:
//! its `Config::Cluster` looks for the others once a second, and nobody counts
//! what it sends.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use lab::{Helper, Run, rerun_self};
use timely::WorkerConfig;
use timely::communication::allocator::ProcessBuilder;
use timely::communication::allocator::zero_copy::initialize;
use timely::communication::allocator::zero_copy::stream::Stream;
use timely::communication::{AllocatorBuilder, Hooks};
use timely::execute::execute_from;
use timely::worker::Worker;

use crate::engine::Flow;
use crate::events::{self, COUNTRIES, Counts, Event, WINDOWS};

/// What hosts are called as children of an experiment.
pub const HOST: &str = "host";
/// With `Way::Live` a window comes that often.
pub const EVERY: Duration = Duration::from_millis(10);

/// Where one host finds another.
pub type Found = io::Result<SocketAddr>;

/// How a host does its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// All windows at once, each event as a message.
    All,
    /// All windows at once, the clicks of a user as one message.
    Combined,
    /// The next window when the last one is done everywhere.
    InTurn,
    /// Windows come by and by, and each is told of as soon as it is over.
    Live,
}

const WAYS: [(&str, Way); 4] = [
    ("all", Way::All),
    ("combined", Way::Combined),
    ("in_turn", Way::InTurn),
    ("live", Way::Live),
];

/// Hosts that are connected and wait for the word.
pub struct Hosts(Vec<Helper>);

impl Hosts {
    /// Hosts on the loopback address, which `between(from, to, address)` may
    /// lead by another way to each other. Each event takes so many steps.
    ///
    /// # Errors
    /// When one of them does not start or falls silent.
    pub fn start(
        count: usize,
        way: Way,
        steps: u32,
        between: impl FnMut(usize, usize, SocketAddr) -> Found,
    ) -> io::Result<Hosts> {
        let command = |args: &[String]| {
            let mut command = rerun_self(HOST, args)?;
            command.arg(steps.to_string());
            Ok(command)
        };
        Hosts::start_by(count, way, command, "127.0.0.1", between)
    }

    /// Hosts that `command` starts, each at an address that begins with `net`,
    /// and ends with its number where that has a place for it.
    ///
    /// # Errors
    /// When one of them does not start or falls silent.
    pub fn start_by(
        count: usize,
        way: Way,
        command: impl Fn(&[String]) -> io::Result<Command>,
        net: &str,
        mut between: impl FnMut(usize, usize, SocketAddr) -> Found,
    ) -> io::Result<Hosts> {
        let way =
            WAYS.iter().find(|named| named.1 == way).expect("it is named").0;
        let start = |host: usize| {
            let net = match net.strip_suffix('.') {
                Some(_) => format!("{net}{}", host + 1),
                None => net.to_owned(),
            };
            let args =
                [host.to_string(), count.to_string(), net, way.to_owned()];
            Helper::spawn(command(&args)?)
        };
        let hosts: io::Result<Vec<Helper>> = (0..count).map(start).collect();
        let mut hosts = Hosts(hosts?);
        let mut addresses = Vec::new();
        for host in &mut hosts.0 {
            let address = host.read_line()?.parse::<SocketAddr>();
            addresses.push(address.map_err(io::Error::other)?);
        }
        for (from, host) in hosts.0.iter_mut().enumerate() {
            let lower = addresses.iter().take(from).enumerate();
            let line: io::Result<Vec<String>> = lower
                .map(|(to, address)| {
                    Ok(between(from, to, *address)?.to_string())
                })
                .collect();
            host.write_line(&line?.join(" "))?;
        }
        for host in &mut hosts.0 {
            let line = host.read_line()?;
            if line != "ready" {
                return Err(io::Error::other(format!("a host says {line}")));
            }
        }
        Ok(hosts)
    }

    /// Gives the word.
    ///
    /// # Errors
    /// When a host is not there.
    pub fn go(&mut self) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|host| host.write_line("go"))
    }

    /// Under the clock from the word until all have answered: what they counted
    /// together. Notes the bytes that they sent to each other.
    ///
    /// # Errors
    /// When a host falls silent.
    pub fn answer(mut self, run: &mut Run) -> io::Result<String> {
        run.elsewhere();
        run.start_clock();
        self.go()?;
        let lines: io::Result<Vec<String>> =
            self.0.iter_mut().map(Helper::read_line).collect();
        run.stop_clock();
        let (mut windows, mut moved) = (vec![Counts::default(); WINDOWS], 0);
        for line in lines? {
            let (bytes, counts) = line.split_once(' ').unwrap_or_default();
            moved += bytes.parse::<u64>().map_err(io::Error::other)?;
            let counts = read(counts);
            windows.iter_mut().zip(&counts).for_each(|(one, other)| {
                events::add(one, other);
            });
        }
        run.metric("moved_bytes", moved as f64);
        Ok(events::answer(&windows))
    }

    /// The processes themselves.
    pub fn helpers(self) -> Vec<Helper> {
        self.0
    }
}

/// The straight way.
///
/// # Errors
/// None.
pub fn direct(_from: usize, _to: usize, address: SocketAddr) -> Found {
    Ok(address)
}

/// Counts as a line, and back.
pub fn write(windows: &[Counts]) -> String {
    let numbers: Vec<String> =
        windows.iter().flatten().map(u64::to_string).collect();
    numbers.join(",")
}

/// What [`write`] wrote. What is not a number counts for nothing.
pub fn read(line: &str) -> Vec<Counts> {
    let numbers: Vec<u64> =
        line.split(',').map(|number| number.parse().unwrap_or(0)).collect();
    let counts = numbers.chunks(COUNTRIES).map(|chunk| {
        let mut counts = Counts::default();
        counts.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        counts
    });
    counts.collect()
}

/// The host's side, an [`lab::Experiment::child`].
///
/// # Panics
/// When a connection breaks, as timely does.
pub fn host(args: &[String]) {
    let [me, count] =
        [&args[0], &args[1]].map(|n| n.parse().expect("a number"));
    let way = WAYS.iter().find(|named| named.0 == args[3]).expect("a way").1;
    let (sockets, moved) =
        connect(me, count, &args[2]).expect("the other hosts");
    let log = events::log(me, count);
    let hooks = Hooks::default();
    let threads =
        ProcessBuilder::new_typed_vector(1, hooks.refill.clone(), None);
    let (builders, guard) = initialize::initialize_networking_from_sockets(
        threads, sockets, me, 1, hooks,
    )
    .expect("threads that send and receive");
    let builders = builders.into_iter().map(AllocatorBuilder::Tcp).collect();
    let config = WorkerConfig::default();
    let steps = args.get(4).map_or(0, |n| n.parse().expect("a number"));
    let work = move |worker: &mut Worker| {
        work(worker, way, log.clone(), steps, &moved);
    };
    let workers = execute_from(builders, Box::new(guard), config, work);
    for result in workers.expect("a worker").join() {
        result.expect("its end");
    }
}

fn work(
    worker: &mut Worker,
    way: Way,
    log: Vec<Vec<Event>>,
    steps: u32,
    moved: &AtomicU64,
) {
    let windows = Rc::new(RefCell::new(vec![Counts::default(); WINDOWS]));
    let known = Rc::clone(&windows);
    let flow = Flow::new(worker, move |window, counts| {
        if way == Way::Live {
            println!("{window} {}", write(&[counts]));
        }
        known.borrow_mut()[window] = counts;
    });
    println!("ready");
    next_line().expect("the word");
    thread::spawn(|| {
        // Nobody waits for us any more: time to end by ourselves, and no more.
        while next_line().is_ok() {}
        thread::sleep(Duration::from_secs(1));
        std::process::exit(1);
    });
    let log = log.into_iter().inspect(|log| events::parse(log, steps));
    match way {
        Way::All => flow.feed(worker, log),
        Way::Combined => {
            flow.feed(worker, log.map(|log| events::combine(&log)));
        }
        Way::InTurn => flow.feed_in_turn(worker, log),
        Way::Live => live(worker, flow, log),
    }
    println!("{} {}", moved.load(Relaxed), write(&windows.borrow()));
}

fn next_line() -> io::Result<String> {
    let mut line = String::new();
    match io::stdin().read_line(&mut line)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line),
    }
}

/// Puts in each window when it is due.
fn live(
    worker: &mut Worker,
    mut flow: Flow,
    log: impl Iterator<Item = Vec<Event>>,
) {
    let began = Instant::now();
    for (window, events) in log.enumerate() {
        let due = began + EVERY * window as u32;
        loop {
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            worker.step_or_park(Some(left));
        }
        flow.put(worker, window, events);
    }
    flow.finish(worker);
}

type Sockets = Vec<Option<Counted>>;

/// Connects to all hosts with lower numbers, and waits for the others.
fn connect(
    me: usize,
    count: usize,
    net: &str,
) -> io::Result<(Sockets, Arc<AtomicU64>)> {
    let listener = TcpListener::bind((net, 0))?;
    println!("{}", listener.local_addr()?);
    let line = next_line()?;
    let moved = Arc::new(AtomicU64::new(0));
    let mut sockets: Sockets = (0..count).map(|_| None).collect();
    for (host, address) in line.split_whitespace().enumerate() {
        let mut socket = TcpStream::connect(address)?;
        socket.set_nodelay(true)?;
        socket.write_all(&[me as u8])?;
        sockets[host] = Some(Counted(socket, Arc::clone(&moved)));
    }
    for _ in me + 1..count {
        let (mut socket, _) = listener.accept()?;
        socket.set_nodelay(true)?;
        let mut host = [0];
        socket.read_exact(&mut host)?;
        sockets[usize::from(host[0])] =
            Some(Counted(socket, Arc::clone(&moved)));
    }
    Ok((sockets, moved))
}

/// A socket, and how many bytes were sent by it and its like.
struct Counted(TcpStream, Arc<AtomicU64>);

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Counted {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let sent = self.0.write(buffer)?;
        self.1.fetch_add(sent as u64, Relaxed);
        Ok(sent)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Stream for Counted {
    fn try_clone(&self) -> io::Result<Counted> {
        Ok(Counted(self.0.try_clone()?, Arc::clone(&self.1)))
    }

    fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        self.0.set_nonblocking(nonblocking)
    }

    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.0.shutdown(how)
    }
}
