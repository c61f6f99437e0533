//! One process of four breaks: who else goes down with it?
//!
//! Run:  cargo run --example process_crash
//! See:  whatever breaks it, the three siblings finish and the parent goes on,
//!       and the parent is told how it ended. Even when it is the parent that
//!       breaks, its children finish. `threads_crash` does the same with
//!       threads, where most of these ways end everything.
//!
//! A family of processes is started for each way: a parent, which is not this
//! program's own process, and its four children. Nothing here is simulated.

use std::hint::black_box;
use std::process::{Child, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use lab::{Experiment, Kind, Run, os, rerun_self};

const SIBLINGS: usize = 3;
/// Long enough for the broken process to break first.
const SIBLING_MS: u64 = 50;
/// Room for a small program, and not for what comes.
const MEMORY_LIMIT: u64 = 256 << 20;

type Way = (&'static str, &'static str, fn());

const WAYS: [Way; 8] = [
    ("panic", "panic", || panic!("on purpose")),
    ("exit", "process::exit", || std::process::exit(3)),
    ("abort", "process::abort", || std::process::abort()),
    ("stack_overflow", "stack overflow", || {
        black_box(deeper(0));
    }),
    // SAFETY: none. This is undefined behavior, done on purpose in a process
    // that is there to die of it.
    ("segfault", "write to address 0", || unsafe {
        black_box(std::ptr::null_mut::<u8>()).write_volatile(1)
    }),
    ("out_of_memory", "memory is refused", || {
        // A limit of its own, so that it is told no. Where a whole machine
        // runs out, the kernel kills, and not always whom we expect.
        let limited = os::limit_memory(MEMORY_LIMIT);
        let size = if limited { 2 * MEMORY_LIMIT } else { u64::MAX / 4 };
        drop(black_box(vec![1_u8; size as usize]));
    }),
    // Long enough to be killed, and not forever if nobody does it.
    ("killed", "killed by its parent", || {
        thread::sleep(Duration::from_secs(10))
    }),
    // Somebody else breaks.
    ("parent_aborts", "the parent aborts", || std::process::exit(0)),
];

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "process_crash",
        "When one process breaks, who goes down with it?",
    )
    .baseline("none")
    .observed();
    for (way, label, _) in WAYS {
        experiment =
            experiment.variant(Kind::Process, way, label, move |run| {
                observe(run, way)
            });
    }
    experiment
        .child("family", |args| family(&args[0]))
        .child("sibling", |_| sibling())
        .child("broken", |args| break_down(&args[0]))
        .run()
}

// ANCHOR: crash
fn family(way: &str) {
    let siblings: Vec<Child> =
        (0..SIBLINGS).map(|_| start("sibling", &[])).collect();
    let mut broken = start("broken", &[way.to_owned()]);
    match way {
        "killed" => broken.kill().unwrap(),
        "parent_aborts" => break_down("abort"),
        _ => {}
    }
    let status = broken.wait().unwrap();
    println!("parent saw {}", os::ending(status));
    for mut sibling in siblings {
        assert!(sibling.wait().unwrap().success());
    }
    println!("parent finished");
}

fn sibling() {
    thread::sleep(Duration::from_millis(SIBLING_MS));
    println!("sibling finished");
}
// ANCHOR_END: crash

/// All of them write to the same pipe, which `observe` reads.
fn start(child: &str, args: &[String]) -> Child {
    rerun_self(child, args)
        .and_then(|mut child| child.stdin(Stdio::null()).spawn())
        .expect("a child process")
}

fn break_down(way: &str) {
    os::no_core_file();
    let known = WAYS.iter().find(|known| known.0 == way);
    known.expect("one of the ways").2();
    println!("nothing broke");
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
    let mut parent = rerun_self("family", &[way.to_owned()]).expect("our path");
    parent.env("RUST_BACKTRACE", "0").stderr(Stdio::null());
    // Returns when the last of the family has closed the pipe, not the parent.
    let out = parent.output().expect("a parent process");
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(!said.contains("nothing broke"), "{way} breaks nothing here");
    let siblings = said.matches("sibling finished").count();
    let parents = said.matches("parent finished").count();
    run.metric("siblings", siblings as f64);
    run.metric("parent", parents as f64);
    let saw = said.lines().find_map(|line| line.strip_prefix("parent saw "));
    let parent = match saw {
        Some(how) if parents == 1 => format!("goes on, and saw {how}"),
        _ => format!("is gone: {}", os::ending(out.status)),
    };
    format!("{siblings} of {SIBLINGS} siblings finish; the parent {parent}")
}
