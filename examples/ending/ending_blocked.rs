//! main is over, and a call of 200 ms is still running. When does the program
//! end?
//!
//! Run:  cargo run --example ending_blocked
//! See:  a thread of std is cut off, and so is a task. What spawn_blocking runs
//!       is waited for when the runtime is dropped, and a task that blocks as
//!       well; with a timeout, or in the background, they are cut off. A read
//!       of stdin holds the program until somebody presses enter. In Python
//!       threads are waited for unless they are daemons, and an executor does
//!       all of its jobs first.

use std::io::{BufRead, BufReader, Read};
use std::process::{ExitCode, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use ending::crowd::ends_by;
use lab::{Experiment, Kind, Run, rerun_self};
use tokio::io::AsyncReadExt;
use tokio::runtime::Builder;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// So long the call takes.
const CALL: Duration = Duration::from_millis(200);
/// So long some wait for it.
const PATIENCE: Duration = Duration::from_millis(50);
/// For what cannot tell that it has begun.
const MOMENT: Duration = Duration::from_millis(20);

fn main() -> ExitCode {
    let question = "main is over, a call is running: when does it end?";
    let mut experiment = Experiment::new("ending_blocked", question)
        .baseline("none")
        .observed()
        .case("std", "std");
    for (way, label) in [
        ("thread", "thread::spawn"),
        ("scope", "thread::scope"),
        ("stdin", "a thread that reads stdin"),
    ] {
        experiment = experiment
            .variant(Kind::Thread, way, label, move |run| ends(run, way));
    }
    experiment = experiment.case("tokio", "tokio");
    for (way, label) in [
        ("task", "spawn, in an await"),
        ("task_blocks", "spawn, blocks its thread"),
        ("blocking", "spawn_blocking, dropped"),
        ("timeout", "spawn_blocking, shutdown_timeout(50 ms)"),
        ("background", "spawn_blocking, shutdown_background"),
        ("queued", "two of spawn_blocking, one thread"),
        ("tokio_stdin", "tokio::io::stdin"),
    ] {
        experiment = experiment
            .variant(Kind::Task, way, label, move |run| ends(run, way));
    }
    experiment.child("end", end).run()
}

// ANCHOR: ends
fn ends(run: &mut Run, way: &str) -> String {
    run.elsewhere();
    let mut child = rerun_self("end", &[way.to_owned()])
        .expect("our path")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child process");
    let input = child.stdin.take();
    let mut said = BufReader::new(child.stdout.take().expect("it is piped"));
    said.read_line(&mut String::new()).expect("that main is over");
    run.start_clock();
    if way.ends_with("stdin") {
        ends_by(&mut child, Instant::now() + CALL);
    }
    drop(input); // as if somebody pressed enter
    let mut last = String::new();
    said.read_to_string(&mut last).expect("its last lines");
    let status = child.wait().expect("a child that ends");
    run.stop_clock();
    // ANCHOR_END: ends
    run.metric("exit_ms", run.elapsed().as_secs_f64() * 1e3);
    let done = last.lines().count();
    run.metric("done", done as f64);
    let jobs = if way == "queued" { 2 } else { 1 };
    format!("{done} of {jobs} done, {}", lab::os::ending(status))
}

fn end(args: &[String]) {
    match args[0].as_str() {
        "thread" => {
            begun(|begun| drop(thread::spawn(|| call(begun))));
            over();
        }
        "scope" => thread::scope(|scope| {
            begun(|begun| drop(scope.spawn(|| call(begun))));
            over();
        }),
        "stdin" => {
            thread::spawn(|| {
                read_line();
                println!("done");
            });
            thread::sleep(MOMENT);
            over();
        }
        way => tokio_ends(way),
    }
}

// ANCHOR: tokio
fn tokio_ends(way: &str) {
    let mut builder = match way {
        "queued" => Builder::new_current_thread(), // with one for what blocks
        _ => Builder::new_multi_thread(),
    };
    if way == "queued" {
        builder.max_blocking_threads(1);
    }
    let runtime = builder.enable_all().build().expect("a runtime");
    runtime.block_on(main_of(way));
    match way {
        "timeout" => runtime.shutdown_timeout(PATIENCE),
        "background" => runtime.shutdown_background(),
        _ => drop(runtime), // as #[tokio::main] does
    }
}
// ANCHOR_END: tokio

async fn main_of(way: &str) {
    match way {
        "task" => begun(|begun| {
            tokio::spawn(async {
                begun_now(begun);
                sleep(CALL).await;
                println!("done");
            });
        }),
        "task_blocks" => begun(|begun| {
            tokio::spawn(async { call(begun) });
        }),
        "tokio_stdin" => {
            tokio::spawn(async {
                let _ = tokio::io::stdin().read(&mut [0]).await;
                println!("done");
            });
            sleep(MOMENT).await;
        }
        _ => begun(|begun| {
            spawn_blocking(|| call(begun));
        }),
    }
    if way == "queued" {
        spawn_blocking(|| call(channel().0));
    }
    over();
}

fn read_line() {
    let _ = std::io::stdin().read_line(&mut String::new());
}

/// Starts something, and returns when it has begun.
fn begun(start: impl FnOnce(Sender<()>)) {
    let (begun, has_begun) = channel();
    start(begun);
    has_begun.recv().expect("it begins");
}

fn call(begun: Sender<()>) {
    begun_now(begun);
    thread::sleep(CALL);
    println!("done");
}

fn begun_now(begun: Sender<()>) {
    // Nobody waits for one that is second in line.
    let _ = begun.send(());
}

/// The last that main does.
fn over() {
    println!("over");
}
