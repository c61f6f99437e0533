//! A crowd of requests, all open at once, by a client in a process of its own:
//! so its memory is its own, and the system tells what it needs.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lab::{Helper, Run, os, rerun_self};

use crate::{Server, Site};

/// The experiment's child that a client runs in. It is given the client's name,
/// the server's address, and how many requests to open.
pub const CHILD: &str = "client";

/// Where nobody is answered before `count` requests are open.
pub fn site(address: SocketAddr, count: u64) -> Site {
    Site::new(address, &query(count))
}

fn query(count: u64) -> String {
    format!("all={count}&delay_ms=200")
}

/// The client's side: waits for the word, asks, tells what it used, a `name
/// value` a line.
///
/// # Panics
/// When nobody gives the word.
pub fn answer(count: u64, ask: impl FnOnce() -> u64) {
    println!("ready");
    io::stdin().read_line(&mut String::new()).expect("the word is given");
    let (before, began) = (os::counters(), Instant::now());
    let sum = ask();
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
}

/// Starts the client called `name`, gives it the word, takes over what it
/// tells, and returns its answer.
///
/// # Panics
/// When the client or the server is gone.
pub fn watch(run: &mut Run, server: &Server, name: &str, count: u64) -> String {
    run.elsewhere();
    let site = server.site(&query(count));
    site.peak().expect("the server starts to count anew");
    let args = [name.into(), site.address(0).to_string(), count.to_string()];
    let client = rerun_self(CHILD, &args).and_then(Helper::start);
    let mut client = client.expect("the client starts");
    let (pid, watching) = (client.pid(), AtomicBool::new(true));
    let (answer, seen) = thread::scope(|scope| {
        let seen = scope.spawn(|| most(pid, &watching));
        run.start_clock();
        let answer = client.ask("go");
        run.stop_clock();
        watching.store(false, Ordering::Relaxed);
        (answer, seen.join().unwrap())
    });
    while let Ok(line) = client.read_line() {
        if let Some((name, value)) = line.split_once(' ') {
            run.metric(name, value.parse().expect("it tells numbers"));
        }
    }
    let ended = client.end().expect("the system tells how it ended");
    let peak = site.peak().expect("the server has counted");
    run.metric("in_flight", peak as f64);
    for (name, value) in seen {
        run.metric(name, value);
    }
    match answer.as_deref().unwrap_or_default().strip_prefix("answer ") {
        Some(sum) => sum.to_owned(),
        None => panic!("the client gave no answer, {}", os::ending(ended)),
    }
}

/// The most threads that a process had, and how much the kernel's stacks grew.
fn most(pid: u32, watching: &AtomicBool) -> Vec<(&'static str, f64)> {
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
