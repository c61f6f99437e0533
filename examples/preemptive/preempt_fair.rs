//! Threads that all want one core: how is it shared out?
//!
//! Run:  cargo run --example preempt_fair
//! See:  with 2 or 16 threads, nearly the same share for each and turns of
//!       the same length; what grows is the wait for the next turn. A thread
//!       that is nicer by 5 gets a third of its neighbor's time; one that is
//!       nicer by 19 gets next to nothing, but its turn comes.

use std::process::ExitCode;
use std::thread;

use lab::timeline::{Lane, spin};
use lab::{Experiment, Kind, Run, os};

const MS: u64 = 1_000_000;

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "preempt_fair",
        "How is one core shared out among threads that all want it?",
    )
    .baseline("none")
    .observed();
    for count in [2, 4, 8, 16] {
        experiment = experiment
            .case(&count.to_string(), &format!("{count} threads, one core"))
            .variant(Kind::Thread, "threads", "threads", move |run| {
                // Twenty turns each, if turns last as long as a tick of 4 ms.
                share(run, &vec![0; count], 80 * MS * count as u64)
            });
    }
    experiment
        .case("nice", "a thread and a nicer one, one core")
        .variant(Kind::Thread, "plus_5", "one is nicer by 5", |run| {
            share(run, &[0, 5], 800 * MS)
        })
        .variant(Kind::Thread, "plus_19", "one is nicer by 19", |run| {
            share(run, &[0, 19], 2_400 * MS)
        })
        .run()
}

// ANCHOR: share
fn share(run: &mut Run, nices: &[i32], length_ns: u64) -> String {
    let cpus = os::allowed_cpus().unwrap_or_default();
    let one_core = &cpus[..cpus.len().min(1)];
    let gate = &run.gate(nices.len());
    let lanes: Vec<Lane> = thread::scope(|scope| {
        let all: Vec<_> = (nices.iter().enumerate())
            .map(|(i, &nice)| {
                scope.spawn(move || {
                    os::pin_to(one_core);
                    os::be_nice(nice); // counts among those who want the core
                    gate.wait();
                    let name = format!("T{i} nice {nice}");
                    spin(&name, gate.began_ns(), length_ns)
                })
            })
            .collect();
        all.into_iter().map(|lane| lane.join().unwrap()).collect()
    });
    keep(run, lanes)
}
// ANCHOR_END: share

fn keep(run: &mut Run, lanes: Vec<Lane>) -> String {
    let times: Vec<u64> = lanes.iter().map(on_core_ns).collect();
    let (first, last) = (times[0] as f64, times[times.len() - 1] as f64);
    let least =
        *times.iter().min().expect("there are two or more lanes") as f64;
    let most = *times.iter().max().expect("there are two or more lanes") as f64;
    run.metric("least_share", least / most);
    run.metric("first_over_last", first / last);
    let mut waits: Vec<u64> = lanes
        .iter()
        .flat_map(|lane| lane.spans.windows(2))
        .map(|pair| pair[1].from_ns - pair[0].to_ns)
        .collect();
    waits.sort_unstable();
    if let Some(median) = waits.get(waits.len() / 2) {
        run.metric("wait_ms", *median as f64 / MS as f64);
    }
    if let Some(asked) = asked_slice_ms() {
        run.metric("asked_ms", asked);
    }
    let answer = format!("{} lanes", lanes.len());
    run.timeline(lanes);
    answer
}

fn on_core_ns(lane: &Lane) -> u64 {
    lane.spans.iter().map(|span| span.to_ns - span.from_ns).sum()
}

/// The slice that the scheduler means this thread to have, where it says so.
fn asked_slice_ms() -> Option<f64> {
    let books = std::fs::read_to_string("/proc/thread-self/sched").ok()?;
    let line = books.lines().find(|line| line.starts_with("se.slice"))?;
    let ns: f64 = line.rsplit_once(':')?.1.trim().parse().ok()?;
    Some(ns / MS as f64)
}
