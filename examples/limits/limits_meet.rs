//! One more file, thread, process, mapping, port, connection in the backlog,
//! and one more, until the system refuses. What does it say?
//!
//! Run:  cargo run --example limits_meet
//! See:  a limit has a name of its own only sometimes: `EMFILE` is files, but
//!       `EAGAIN` is threads, processes or memory. A look-up without files
//!       blames the name, and a full backlog says nothing at all.
//!       `thread::spawn` panics and a `Vec` ends the process where their
//!       siblings return an error; tokio's pool makes do with the threads that
//!       it has, and says nothing.
//!
//! Each limit is met in a child process, which has set it for itself, so that
//! nobody else lacks anything. Linux only.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::iter;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::thread::{self, Builder, JoinHandle};
use std::time::Duration;

use lab::testing::caught;
use lab::{Experiment, Kind, Run, os, rerun_self};
use limits::name::named;
use limits::own;
use limits::pids::{self, Pids};
use socket2::{Domain, Socket, Type};
use tokio::runtime;

const FILES: u64 = 64;
const TASKS: u64 = 16;
const ROOM_BYTES: u64 = 64 << 20;
/// Where we stop by ourselves: some systems allow a million mappings.
const BOUND: usize = 200_000;
const PORTS: u16 = 16;
const BACKLOG: i32 = 8;
/// How long a connection may take; without it Linux tries for two minutes.
const PATIENCE: Duration = Duration::from_millis(250);

type Way = (&'static str, &'static str, fn() -> String);

const WAYS: [(&str, &str, &[Way]); 8] = [
    (
        "files",
        "64 open files",
        &[
            ("open", "File::open", files_open),
            ("spawn", "then Command::output", files_spawn),
            ("name", "then the look-up of a name", files_name),
        ],
    ),
    (
        "threads",
        "16 threads and processes",
        &[
            ("spawn", "thread::spawn", threads_spawn),
            ("builder", "Builder::spawn", threads_builder),
            ("blocking", "tokio's spawn_blocking", threads_blocking),
        ],
    ),
    (
        "space",
        "64 MiB more of address space",
        &[
            ("builder", "Builder::spawn", space_builder),
            ("vec", "Vec::with_capacity", space_vec),
            ("try_reserve", "Vec::try_reserve", space_try_reserve),
        ],
    ),
    (
        "processes",
        "16 threads and processes",
        &[("spawn", "Command::spawn", processes_spawn)],
    ),
    (
        "mappings",
        "as many as the system allows",
        &[("map", "mmap", mappings_map)],
    ),
    (
        "ports",
        "16 ports to choose from",
        &[
            ("open", "connect, and stay", ports_open),
            ("two", "the same, two destinations", ports_two),
            ("bound", "the same, bound before", ports_bound),
            ("closed", "connect, and close", ports_closed),
        ],
    ),
    (
        "backlog",
        "a listener that does not accept",
        &[("full", "a backlog of 8", backlog_full)],
    ),
    ("nobody", "no listener", &[("connect", "connect", nobody_connect)]),
];

fn main() -> ExitCode {
    if !own::HERE {
        eprintln!("limits_meet: Linux only");
        return ExitCode::FAILURE;
    }
    let mut experiment = Experiment::new(
        "limits_meet",
        "One more, until the system refuses: what does it say?",
    )
    .baseline("none")
    .observed();
    for (case, label, ways) in WAYS {
        experiment = experiment.case(case, label);
        for &(name, label, _) in ways {
            experiment =
                experiment.variant(Kind::Alone, name, label, move |run| {
                    meet(run, &[case, name])
                });
        }
    }
    if !lab::is_child() {
        experiment = with_group(experiment);
    }
    experiment.child("meet", child).run()
}

/// A container's limit binds root, too.
fn with_group(experiment: Experiment) -> Experiment {
    if Pids::of(TASKS).is_none() {
        eprintln!("limits_meet: no control group of pids to be had here");
        return experiment;
    }
    let work = |run: &mut Run| {
        let group = Pids::of(TASKS).expect("there was one before");
        let said = meet(run, &["group", &group.path()]);
        if let Some(times) = group.refused() {
            run.metric("refused", times as f64);
        }
        said
    };
    experiment.case("group", "16 in a control group").variant(
        Kind::Alone,
        "builder",
        "Builder::spawn",
        work,
    )
}

/// Has a child meet its limit, and takes over what it says. It may not survive.
fn meet(run: &mut Run, args: &[&str]) -> String {
    run.elsewhere();
    let args = args.iter().map(ToString::to_string).collect::<Vec<_>>();
    let out = rerun_self("meet", &args)
        .and_then(|mut child| child.env("RUST_BACKTRACE", "0").output())
        .expect("a child process");
    let (mut reached, mut answer) = (None, None);
    for line in String::from_utf8_lossy(&out.stdout).lines() {
        match line.split_once(' ') {
            Some(("answer", text)) => answer = Some(text.to_owned()),
            Some(("reached", n)) => reached = n.parse().ok(),
            _ => {}
        }
    }
    if let Some(reached) = reached {
        run.metric("reached", reached);
    }
    answer.unwrap_or_else(|| {
        let complaint = String::from_utf8_lossy(&out.stderr);
        let first = complaint.lines().find(|line| !line.is_empty());
        let first = first.unwrap_or("without a word");
        format!("the process ends, {}: {first}", os::ending(out.status))
    })
}

fn child(args: &[String]) {
    os::no_core_file();
    let answer = if args[0] == "group" {
        pids::join(&args[1]).expect("a group takes who joins it");
        more_threads(builder)
    } else {
        let (.., ways) = WAYS.iter().find(|w| w.0 == args[0]).expect("a case");
        let (.., way) = ways.iter().find(|w| w.0 == args[1]).expect("a way");
        way()
    };
    println!("answer {answer}");
    std::process::exit(0); // threads that we have started are still there
}

// ANCHOR: until
/// One more and one more, all of which are kept, and what ends it.
fn until<T>(mut one_more: impl FnMut(usize) -> io::Result<T>) -> String {
    let mut kept = Vec::with_capacity(256);
    for i in 0..BOUND {
        match one_more(i) {
            Ok(one) => kept.push(one),
            Err(refusal) => {
                println!("reached {i}");
                return named(&refusal);
            }
        }
    }
    println!("reached {BOUND}");
    "not met, up to our bound".into()
}
// ANCHOR_END: until

fn files_open() -> String {
    assert!(own::files(FILES), "a limit of files");
    until(|_| File::open("/dev/null"))
}

/// All files but some, kept open.
fn files_but(spare: usize) -> Vec<File> {
    assert!(own::files(FILES), "a limit of files");
    let mut all = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        all.push(file);
    }
    all.truncate(all.len() - spare);
    all
}

fn files_spawn() -> String {
    let _all = files_but(1);
    until(|_| Command::new("true").output())
}

fn files_name() -> String {
    let _all = files_but(0);
    until(|_| Ok(("localhost", 80).to_socket_addrs()?.count()))
}

// ANCHOR: threads
fn spawn() -> io::Result<JoinHandle<()>> {
    Ok(thread::spawn(thread::park)) // panics where the next line returns
}

fn builder() -> io::Result<JoinHandle<()>> {
    Builder::new().spawn(thread::park)
}
// ANCHOR_END: threads

fn more_threads(start: fn() -> io::Result<JoinHandle<()>>) -> String {
    let mut started = 0;
    let more = || {
        until(|i| {
            started = i;
            start()
        })
    };
    caught(more).unwrap_or_else(|said| {
        println!("reached {started}");
        format!("panics: {said}")
    })
}

fn threads_spawn() -> String {
    assert!(own::tasks(TASKS), "a limit of threads");
    more_threads(spawn)
}

fn threads_builder() -> String {
    assert!(own::tasks(TASKS), "a limit of threads");
    more_threads(builder)
}

// ANCHOR: blocking
/// tokio is refused, too, but has threads: the jobs wait for one of them.
fn threads_blocking() -> String {
    assert!(own::tasks(TASKS), "a limit of threads");
    let runtime = runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a loop needs no thread");
    let (begins, begun) = mpsc::channel();
    let submit = || {
        for _ in 0..2 * TASKS {
            let begins = begins.clone();
            runtime.spawn_blocking(move || {
                begins.send(()).unwrap();
                thread::park();
            });
        }
    };
    if let Err(said) = caught(submit) {
        return format!("panics: {said}");
    }
    let run = iter::from_fn(|| begun.recv_timeout(PATIENCE).ok()).count();
    runtime.shutdown_background(); // to drop it is to wait for all jobs
    println!("reached {run}");
    format!("no error: of {} jobs {run} run, the others wait", 2 * TASKS)
}
// ANCHOR_END: blocking

fn little_room() {
    let (_, reserved) = os::memory_bytes().expect("the kernel tells");
    assert!(os::limit_memory(reserved + ROOM_BYTES), "a limit of memory");
}

fn space_builder() -> String {
    little_room();
    more_threads(builder)
}

// ANCHOR: space
const MIB: usize = 1 << 20;

fn space_vec() -> String {
    little_room();
    until(|i| {
        println!("reached {i}"); // it may be the last word
        Ok(Vec::<u8>::with_capacity(MIB))
    })
}

fn space_try_reserve() -> String {
    little_room();
    until(|_| {
        let mut room = Vec::<u8>::new();
        let refused = |e| io::Error::new(ErrorKind::OutOfMemory, e);
        room.try_reserve(MIB).map_err(refused)?;
        Ok(room)
    })
}
// ANCHOR_END: space

fn processes_spawn() -> String {
    struct Ended(Child);
    impl Drop for Ended {
        fn drop(&mut self) {
            let _ = self.0.kill().and_then(|()| self.0.wait());
        }
    }
    assert!(own::tasks(TASKS), "a limit of processes");
    until(|_| {
        let mut waits = Command::new("cat"); // for what nobody writes
        waits.stdin(Stdio::piped()).stdout(Stdio::null());
        Ok(Ended(waits.spawn()?))
    })
}

fn mappings_map() -> String {
    until(own::map_one_more)
}

// ANCHOR: ports
/// A socket that has sixteen ports to choose from.
fn of_few(first: u16) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    own::choose_from(&socket, first..=first + PORTS - 1)?;
    Ok(socket)
}

fn connect(first: u16, to: &TcpListener) -> io::Result<TcpStream> {
    let socket = of_few(first)?;
    socket.connect(&to.local_addr()?.into())?;
    Ok(socket.into())
}
// ANCHOR_END: ports

/// The first of some that nobody has. They are of those that the system chooses
/// from, since others have no effect.
fn first_port() -> u16 {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range");
    let range = range.expect("the kernel tells");
    let ends: Vec<u32> =
        range.split_whitespace().flat_map(str::parse).collect();
    let places = (ends[1] - ends[0]) / u32::from(PORTS);
    let firsts = (0..places).map(|i| {
        let place = (std::process::id() + i) % places;
        (ends[0] + place * u32::from(PORTS)) as u16
    });
    let is_free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let mut free = firsts.filter(|&first| (first..first + PORTS).all(is_free));
    free.next().expect("some ports are free")
}

fn listener() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).expect("a port")
}

fn ports_open() -> String {
    let (to, first) = (listener(), first_port());
    until(|_| connect(first, &to))
}

fn ports_two() -> String {
    let (to, first) = ([listener(), listener()], first_port());
    until(|i| connect(first, &to[i % 2]))
}

fn ports_bound() -> String {
    let (to, first) = ([listener(), listener()], first_port());
    let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    until(|i| {
        let socket = of_few(first)?;
        socket.bind(&any.into())?; // takes a port for all destinations
        socket.connect(&to[i % 2].local_addr()?.into())?;
        Ok(socket)
    })
}

fn ports_closed() -> String {
    let (to, first) = (listener(), first_port());
    until(|_| {
        let ours = connect(first, &to)?;
        let theirs = to.accept()?;
        drop(ours); // who closes first keeps the port, for a minute
        drop(theirs);
        Ok(())
    })
}

fn backlog_full() -> String {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None);
    let socket = socket.expect("a socket");
    let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    socket.bind(&any.into()).expect("a port");
    socket.listen(BACKLOG).expect("it listens");
    let listener = TcpListener::from(socket);
    let to = listener.local_addr().expect("it has an address");
    until(|_| TcpStream::connect_timeout(&to, PATIENCE))
}

fn nobody_connect() -> String {
    let nobody = listener().local_addr().expect("it had an address");
    until(|_| TcpStream::connect(nobody))
}
