//! Many threads: what one more costs, and what ends it.
//!
//! Run:  cargo run --example threads_many
//! See:  thousands of threads on a handful of cores. Each start takes tens of
//!       microseconds; the memory a waiting thread really uses is a small part
//!       of the stack it may use. The last case starts threads until the system
//!       refuses or 20 000 are there, and says which it was.
//!
//! Every run is a process of its own: the memory of the threads before would
//! otherwise be reused and not be seen.

use std::process::ExitCode;
use std::sync::{Arc, Barrier};
use std::thread::{self, Builder};
use std::time::Instant;

use lab::{Experiment, Kind, Run, os, rerun_self, take_over};
use threads::memory::Memory;

const COUNTS: [usize; 5] = [1, 10, 100, 1_000, 4_000];
/// What `std::thread` gives a thread if nothing is said.
const DEFAULT_STACK: usize = 2 << 20;
const SMALL_STACK: usize = 64 << 10;
/// Where we stop by ourselves.
const BOUND: usize = 20_000;

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "threads_many",
        "How many threads can there be, and what does one cost?",
    )
    .baseline("none");
    for count in COUNTS {
        experiment = experiment
            .case(&count.to_string(), "threads, all of them waiting")
            .variant(Kind::Thread, "threads", "2 MiB stacks", move |run| {
                park(run, count, DEFAULT_STACK)
            })
            .variant(Kind::Thread, "small", "64 KiB stacks", move |run| {
                park(run, count, SMALL_STACK)
            });
    }
    let experiment = with_one_arena(experiment);
    experiment
        .case("limit", "one more and one more, until something ends it")
        .observed()
        .variant(Kind::Thread, "threads", "64 KiB stacks", limit)
        .child("park", |args| parked(number(&args[0]), number(&args[1])))
        .child("limit", |_| started_without_end())
        .run()
}

/// The child parks so many threads, and measures.
fn park(run: &mut Run, count: usize, stack: usize) -> String {
    take_over(run, "park", &[count.to_string(), stack.to_string()])
}

/// glibc reserves address space for `malloc` in each of the first threads,
/// unless it is told that all have to share.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn with_one_arena(experiment: Experiment) -> Experiment {
    experiment
        .case("10", "threads, all of them waiting")
        .variant(Kind::Thread, "one_arena", "2 MiB, one arena", |run| {
            take_over(run, "one_arena", &[])
        })
        .child("one_arena", |_| {
            // SAFETY: `mallopt` takes plain numbers; no other thread is here.
            let told = unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
            assert_eq!(told, 1, "glibc takes the limit");
            parked(10, DEFAULT_STACK);
        })
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn with_one_arena(experiment: Experiment) -> Experiment {
    experiment
}

fn parked(count: usize, stack_bytes: usize) {
    let all_there = Arc::new(Barrier::new(count + 1));
    let seen = Arc::new(Barrier::new(count + 1));
    let before = Memory::now();
    let began = Instant::now();
    let threads: Vec<_> = (0..count)
        .map(|i| {
            let (all_there, seen) = (Arc::clone(&all_there), Arc::clone(&seen));
            let body = move || {
                all_there.wait();
                seen.wait(); // sleeps here while its memory is counted
                i
            };
            Builder::new()
                .stack_size(stack_bytes)
                .spawn(body)
                .expect("a thread")
        })
        .collect();
    all_there.wait();
    let start_up = began.elapsed();
    let after = Memory::now();
    seen.wait();
    let sum: usize =
        threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    println!("answer {sum}");
    println!("start_up_us {}", start_up.as_secs_f64() * 1e6 / count as f64);
    if let (Some(before), Some(after)) = (before, after) {
        after.print_since(before, count);
    }
}

/// From here on it is told how many mappings there are, in case the process is
/// ended: a Linux with its usual limit has room for some hundred threads more.
const NEAR_THE_END: usize = 16_000;

/// Starts threads until the system refuses. It may also end the whole process,
/// so the count goes out as it grows.
fn started_without_end() {
    os::no_core_file();
    for count in 1..=BOUND {
        let spawned = Builder::new().stack_size(SMALL_STACK).spawn(|| {
            loop {
                thread::park();
            }
        });
        if let Err(refusal) = spawned {
            println!("{}\nrefused: {refusal}", count - 1);
            print_mappings();
            return;
        }
        if count % 100 == 0 || count == BOUND {
            println!("{count}");
            // A thread that finds no room for its signal stack ends the whole
            // process, often before the refusal is told.
            if count >= NEAR_THE_END {
                print_mappings();
            }
        }
    }
    print_mappings();
}

/// Each stack is a memory mapping or more, and Linux allows a process only so
/// many.
fn print_mappings() {
    let Some((used, allowed)) = os::mappings() else { return };
    println!("mappings {used}\nmappings_allowed {allowed}");
}

fn limit(run: &mut Run) -> String {
    run.elsewhere();
    let out = rerun_self("limit", &[])
        .and_then(|mut child| child.output())
        .expect("a child process");
    let (mut reached, mut refused) = (0, None);
    for line in String::from_utf8_lossy(&out.stdout).lines() {
        match line.split_once(' ') {
            Some(("refused:", _)) => refused = Some(line.to_owned()),
            Some((name, value)) => {
                run.metric(name, value.parse().expect("a number"))
            }
            None => reached = reached.max(line.parse().unwrap_or(0)),
        }
    }
    run.metric("reached", reached as f64);
    match refused {
        Some(refused) => refused,
        None if reached == BOUND => {
            format!("not ended, up to our bound of {BOUND}")
        }
        None => format!("the process was ended: {}", os::ending(out.status)),
    }
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}
