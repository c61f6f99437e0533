//! Thousands of requests at once: none is answered before all of them are open.
//!
//! Run:  cargo run --example loop_many
//! See:  ten thousand requests open at the same moment on one thread, and what
//!       a thread for each of them needs instead. The last case opens as many
//!       as this system lets a process have files, up to 20 000.
//!
//! Each client is a process of its own, so that its memory is its own; so is
//! the server. When all requests are open, the server thinks for 200 ms more.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{ExitCode, Stdio};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use event_loop::library::{self, one_thread};
use event_loop::{EventLoop, Server, Site, clients, files, server};
use lab::{Experiment, Kind, Run, os, rerun_self};

const COUNTS: [u64; 2] = [1_000, 10_000];

const CLIENTS: [(Kind, &str, &str); 4] = [
    (Kind::Thread, "threads", "sockets, a thread each"),
    (Kind::Task, "tokio", "sockets, tasks on tokio's loop"),
    (Kind::Task, "own", "sockets, tasks on our own loop"),
    (Kind::Task, "reqwest", "reqwest, tasks on tokio's loop"),
];

fn main() -> ExitCode {
    let server = Rc::new(Server::default());
    let client = |name: &'static str, count: u64| {
        let server = Rc::clone(&server);
        move |run: &mut Run| watched_client(run, &server, name, count)
    };
    let (room, room_for_threads) = (files::room(), files::room_for_threads());
    let mut experiment = Experiment::new(
        "loop_many",
        "Thousands of requests open at once: what do they need?",
    )
    .baseline("threads");
    for count in COUNTS {
        if count > room {
            continue;
        }
        experiment = experiment.case(&count.to_string(), "requests at once");
        for (kind, name, label) in CLIENTS {
            experiment =
                experiment.variant(kind, name, label, client(name, count));
        }
    }
    let by_hand = std::env::args().nth(1).is_none_or(|arg| arg != "--child");
    if room < COUNTS[1] && by_hand {
        eprintln!(
            "loop_many: this process's limit of open files has room for {room} \
             requests; cases beyond it are left out. `ulimit -n` shows the \
             limit, and may raise it."
        );
    }
    experiment = experiment.case("limit", "as many as fit").observed();
    for (kind, name, label) in &CLIENTS[..3] {
        let count = if *name == "threads" { room_for_threads } else { room };
        let client = client(name, count);
        experiment = experiment.variant(*kind, name, label, move |run| {
            // With nobody to compare with, the answer is computed.
            let sum: u64 = (0..count).map(|n| n * n).sum();
            assert_eq!(client(run), sum.to_string());
            format!("{count} requests, all answered")
        });
    }
    experiment
        .child("client", |args| as_client(&args[0], &args[1], &args[2]))
        .child(server::CHILD, |_| server::serve())
        .run()
}

/// The client's side: waits for the word, asks, tells what it used.
fn as_client(name: &str, address: &str, count: &str) {
    files::raise_limit();
    let query = query(count);
    let site = Site::new(address.parse().expect("an address"), &query);
    let count = count.parse().expect("a number");
    println!("ready");
    io::stdin().read_line(&mut String::new()).expect("the word");
    let (before, began) = (os::counters(), Instant::now());
    let sum = ask(name, &site, count);
    let (wall, after) = (began.elapsed(), os::counters());
    println!("answer {sum}");
    if let (Some(then), Some(now)) = (before.cpu_ns, after.cpu_ns) {
        let share = (now - then) as f64 / wall.as_nanos() as f64;
        println!("client_cpu_share {share}");
        let each = (now - then) as f64 / 1e3 / count as f64;
        println!("cpu_each_us {each}");
    }
    if let Some(bytes) = os::peak_bytes() {
        println!("client_bytes {bytes}");
    }
    if let Some(bytes) = state_bytes(name, site) {
        println!("state_bytes {bytes}");
    }
}

/// What a bare request keeps from one `await` to the next.
fn state_bytes(name: &str, site: Site) -> Option<usize> {
    match name {
        "tokio" => Some(size_of_val(&clients::fetch_tokio(site, 0))),
        "own" => {
            let handle = EventLoop::new().expect("a loop").handle();
            Some(size_of_val(&clients::fetch_own(handle, site, 0)))
        }
        _ => None,
    }
}

fn ask(name: &str, site: &Site, count: u64) -> u64 {
    match name {
        "threads" => clients::threads(site, count).expect("every answer"),
        "tokio" => one_thread()
            .block_on(clients::tokio_tasks(site, count))
            .expect("every answer"),
        "own" => {
            let event_loop = EventLoop::new().expect("a loop");
            clients::own_tasks(&event_loop, site, count).expect("every answer")
        }
        "reqwest" => {
            let (client, limit) = (library::client(), count as usize);
            one_thread()
                .block_on(library::in_tasks(&client, site, count, limit))
                .expect("every answer")
        }
        other => unreachable!("no client is called {other}"),
    }
}

fn query(count: impl std::fmt::Display) -> String {
    format!("all={count}&delay_ms=200")
}

/// Starts a client, gives it the word, and takes over what it tells, a `name
/// value` a line.
fn watched_client(
    run: &mut Run,
    server: &Server,
    name: &str,
    count: u64,
) -> String {
    run.elsewhere();
    let site = server.site(&query(count));
    site.peak().expect("a server that starts to count anew");
    let address = site.address(0).to_string();
    let args = [name.to_owned(), address, count.to_string()];
    let mut child = rerun_self("client", &args)
        .and_then(|mut command| {
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()
        })
        .expect("a child process");
    let mut word = child.stdin.take().expect("stdin is piped");
    let out = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let mut lines = out.lines().map_while(Result::ok);
    assert_eq!(lines.next().as_deref(), Some("ready"), "no client");
    let watching = AtomicBool::new(true);
    let (answer, seen) = thread::scope(|scope| {
        let seen = scope.spawn(|| watch(child.id(), &watching));
        run.start_clock();
        writeln!(word, "go").expect("a client that listens");
        let answer = lines.next();
        run.stop_clock();
        watching.store(false, Ordering::Relaxed);
        (answer, seen.join().unwrap())
    });
    for line in lines {
        if let Some((name, value)) = line.split_once(' ') {
            run.metric(name, value.parse().expect("a number"));
        }
    }
    let ended = child.wait().expect("an end");
    let peak = site.peak().expect("a server that has counted");
    run.metric("in_flight", peak as f64);
    for (name, value) in seen {
        run.metric(name, value);
    }
    match answer.as_deref().and_then(|line| line.strip_prefix("answer ")) {
        Some(sum) => sum.to_owned(),
        None => panic!("the client gave no answer, {}", os::ending(ended)),
    }
}

/// The most threads that the client had, and how much the kernel's stacks grew.
fn watch(pid: u32, watching: &AtomicBool) -> Vec<(&'static str, f64)> {
    let before = os::kernel_stack_bytes();
    let (mut threads, mut stacks) = (None, None);
    while watching.load(Ordering::Relaxed) {
        threads = threads.max(os::threads_of(pid));
        stacks = stacks.max(os::kernel_stack_bytes());
        thread::sleep(Duration::from_millis(5));
    }
    let mut seen = Vec::new();
    seen.extend(threads.map(|most| ("client_threads", f64::from(most))));
    if let (Some(before), Some(most)) = (before, stacks) {
        let grown = most.saturating_sub(before);
        seen.push(("kernel_stack_bytes", grown as f64));
    }
    seen
}
