//! How often must one press Ctrl-C?
//!
//! Run:  cargo run --example ending_interrupts
//! See:  once, where nobody has asked for the signal. A program that has waited
//!       for tokio's ctrl_c once takes all that come later, too, and drops
//!       them: neither its clearing up nor a blocking call that holds the
//!       runtime can be interrupted any more. To wait for a second one is the
//!       cure. In Python it depends on who waits for whom.
//!
//! Each program is a child process that would take ten seconds. It gets SIGINT
//! every 150 ms, four times at most.

use std::future::pending;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ending::crowd::{begin, ends_by, started};
use ending::os::{Word, second_interrupt_ends, tell};
use lab::os::ending;
use lab::{Experiment, Kind, Run, rerun_self};
use tokio::runtime::Builder;
use tokio::select;
use tokio::signal::ctrl_c;
use tokio::task::spawn_blocking;

/// So long all of them would take.
const LONG: Duration = Duration::from_secs(10);
const BETWEEN: Duration = Duration::from_millis(150);
const MOST: usize = 4;

fn main() -> ExitCode {
    let question = "How often must one press Ctrl-C?";
    let mut experiment = Experiment::new("ending_interrupts", question)
        .baseline("default")
        .observed();
    for (kind, way, label) in [
        (Kind::Thread, "default", "no handler"),
        (Kind::Thread, "flag", "signal-hook: first a flag, then the end"),
        (Kind::Task, "once", "ctrl_c, then clearing up"),
        (Kind::Task, "again", "ctrl_c, then clearing up or ctrl_c"),
        (Kind::Task, "blocking", "ctrl_c, then a blocking call is left"),
        (Kind::Task, "timeout", "the same, shutdown_timeout(50 ms)"),
    ] {
        experiment =
            experiment.variant(kind, way, label, move |run| pressed(run, way));
    }
    experiment.child("wait", wait).run()
}

// ANCHOR: pressed
fn pressed(run: &mut Run, way: &str) -> String {
    run.elsewhere();
    let mut command = rerun_self("wait", &[way.to_owned()]).expect("our path");
    let (mut child, _ready) = started(&mut command);
    run.start_clock();
    let mut times = 0;
    let status = loop {
        if times == MOST {
            break None;
        }
        times += 1;
        tell(child.id(), Word::Interrupt);
        let status = ends_by(&mut child, Instant::now() + BETWEEN);
        if status.is_some() {
            break status;
        }
    };
    run.stop_clock();
    // ANCHOR_END: pressed
    run.metric("ended", f64::from(u8::from(status.is_some())));
    let Some(status) = status else {
        child.kill().expect("a child to kill");
        child.wait().expect("a child that ends");
        return format!("{MOST} times are not enough");
    };
    run.metric("times", times as f64);
    let times = ["once", "twice", "three times", "four times"][times - 1];
    let ending = ending(status).replace("signal 2", "SIGINT");
    format!("{times}: {ending}")
}

fn wait(args: &[String]) {
    begin();
    match args[0].as_str() {
        "default" => {
            ready();
            thread::sleep(LONG);
        }
        "flag" => flag(),
        way => in_tokio(way),
    }
}

fn ready() {
    println!("ready");
}

// ANCHOR: flag
fn flag() {
    let told = Arc::new(AtomicBool::new(false));
    second_interrupt_ends(&told);
    ready();
    while !told.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(LONG); // clears up
}
// ANCHOR_END: flag

// ANCHOR: tokio
fn in_tokio(way: &str) {
    let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        if ["blocking", "timeout"].contains(&way) {
            spawn_blocking(|| thread::sleep(LONG));
        }
        first_ctrl_c().await;
        match way {
            "once" => tokio::time::sleep(LONG).await, // clears up
            "again" => select! {
                () = tokio::time::sleep(LONG) => {}
                _ = ctrl_c() => {}
            },
            _ => {} // main is over
        }
    });
    if way == "timeout" {
        runtime.shutdown_timeout(Duration::from_millis(50));
    }
}
// ANCHOR_END: tokio

/// It listens from its first poll on, and only then may one press.
async fn first_ctrl_c() {
    select! {
        biased;
        told = ctrl_c() => told.expect("a handler"),
        () = async { ready(); pending().await } => {}
    }
}
