//! One thread of four breaks: who else goes down with it?
//!
//! Run:  cargo run --example threads_crash
//! See:  a panic takes its own thread and nothing else. Everything that ends
//!       the process (abort, a stack overflow, a bad memory access, `exit`)
//!       takes the three siblings along, whichever thread it happened in.
//!
//! Each way is tried in a child process; the parent counts the siblings that
//! lived to say so. Nothing here is simulated.

use std::hint::black_box;
use std::process::{ExitCode, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use lab::{Experiment, Kind, Run, os, rerun_self};

const SIBLINGS: usize = 3;
/// Long enough for the broken thread to break first.
const SIBLING_MS: u64 = 50;

type Way = (&'static str, &'static str, fn(&Mutex<i32>));

const WAYS: [Way; 6] = [
    ("panic", "panic", |_| panic!("on purpose")),
    ("panic_locked", "panic while holding a lock", |shared| {
        let _guard = shared.lock();
        panic!("on purpose, while holding the lock");
    }),
    ("exit", "process::exit", |_| std::process::exit(3)),
    ("abort", "process::abort", |_| std::process::abort()),
    ("stack_overflow", "stack overflow", |_| {
        black_box(deeper(0));
    }),
    // SAFETY: none. This is undefined behavior, done on purpose in a process
    // that is there to die of it.
    ("segfault", "write to address 0", |_| unsafe {
        black_box(std::ptr::null_mut::<u8>()).write_volatile(1)
    }),
];

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "threads_crash",
        "When one thread breaks, who goes down with it?",
    )
    .baseline("none")
    .observed();
    for (way, label, _) in WAYS {
        experiment = experiment
            .variant(Kind::Thread, way, label, move |run| observe(run, way));
    }
    experiment.child("crash", |args| crash(&args[0])).run()
}

// ANCHOR: crash
fn crash(way: &str) {
    let shared = Arc::new(Mutex::new(0));
    let siblings: Vec<_> = (0..SIBLINGS)
        .map(|_| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(SIBLING_MS));
                // A lock whose holder panicked is poisoned; the data is still
                // there.
                let poisoned = shared.lock().is_err();
                let note = if poisoned { ", lock poisoned" } else { "" };
                println!("sibling finished{note}");
            })
        })
        .collect();

    let way = way.to_owned();
    let broken = thread::spawn(move || break_down(&way, &shared)).join();

    for sibling in siblings {
        sibling.join().unwrap();
    }
    let saw = if broken.is_err() { "an error" } else { "no error" };
    println!("main saw {saw}");
}
// ANCHOR_END: crash

fn break_down(way: &str, shared: &Mutex<i32>) {
    os::no_core_file();
    let known = WAYS.iter().find(|known| known.0 == way);
    known.expect("one of the ways").2(shared);
}

/// Too much for any stack. The array is used after the call, so no frame can be
/// dropped.
fn deeper(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    let below = if depth < u64::MAX { deeper(depth + 1) } else { 0 };
    below + frame[(depth % 64) as usize]
}

fn observe(run: &mut Run, way: &str) -> String {
    run.elsewhere();
    let mut child = rerun_self("crash", &[way.to_owned()]).expect("our path");
    child.env("RUST_BACKTRACE", "0");
    let out = child.stderr(Stdio::null()).output().expect("a child process");
    let said = String::from_utf8_lossy(&out.stdout);
    let finished = said
        .lines()
        .filter(|line| line.starts_with("sibling finished"))
        .count();
    run.metric("siblings", finished as f64);
    let mut answer = format!(
        "{finished} of {SIBLINGS} siblings finish; {}",
        os::ending(out.status)
    );
    for (sign, meaning) in
        [("saw an error", "; join says so"), ("poisoned", "; lock poisoned")]
    {
        if said.contains(sign) {
            answer.push_str(meaning);
        }
    }
    answer
}
