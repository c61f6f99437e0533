//! A hundred thousand numbers from one thread to another: what does a message
//! cost?
//!
//! Run:  cargo run --example sharing_channels
//! See:  every channel delivers all of them in order. A message costs tens to
//!       hundreds of nanoseconds, and a small part of that in batches. A queue
//!       that is a lock inside costs more than one that is not. A ring whose
//!       two counters lie in one line of cache should cost more than one where
//!       each has a line of its own; our rounds did not decide it.

use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;

use lab::{Experiment, Kind, Run, os};
use sharing::queue::Queue;
use sharing::ring::{ring, ring_unpadded};

const MESSAGES: u64 = 100_000;
/// Where a channel has a limit.
const ROOM: usize = 1_024;
const BATCH: u64 = 250;

fn main() -> ExitCode {
    let channels: [(&str, &str, Channel); 8] = [
        ("queue", "ours: Mutex and Condvar", queue),
        ("ring", "ours: a ring of slots", ring_of_slots),
        ("ring_unpadded", "ours, both counters in a line", unpadded),
        ("mpsc", "std::sync::mpsc", std_unbounded),
        ("mpsc_bounded", "std::sync::mpsc, bounded", std_bounded),
        ("crossbeam", "crossbeam", crossbeam_unbounded),
        ("crossbeam_bounded", "crossbeam, bounded", crossbeam_bounded),
        ("batches", "std::sync::mpsc, in batches", batches),
    ];
    let mut experiment = Experiment::new(
        "sharing_channels",
        "What does a message from one thread to another cost?",
    )
    .baseline("queue");
    for (name, label, channel) in channels {
        experiment =
            experiment.variant(Kind::Thread, name, label, move |run| {
                timed(run, channel)
            });
    }
    experiment.run()
}

/// Passes the messages through, and returns the answer.
type Channel = fn(&mut Run) -> u64;

fn timed(run: &mut Run, channel: Channel) -> u64 {
    let answer = channel(run);
    run.stop_clock();
    run.metric("each_ns", run.elapsed().as_nanos() as f64 / MESSAGES as f64);
    answer
}

/// One thread sends the numbers from 0 on, another receives as many, and both
/// begin together. The answer depends on their order.
///
/// Each is kept on a core of its own, where that can be had: left alone, both
/// may stay on one for as long as this takes, and then nothing travels.
fn pass(
    run: &mut Run,
    mut send: impl FnMut(u64) + Send,
    mut next: impl FnMut() -> u64 + Send,
) -> u64 {
    let gate = &run.gate(2);
    let cores = &os::cpus_apart();
    let on = move |i: usize| {
        assert!(cores.is_none_or(|cores| os::pin_to(&[cores[i]])), "kept");
        gate.wait();
    };
    thread::scope(|scope| {
        scope.spawn(move || {
            on(0);
            (0..MESSAGES).for_each(&mut send);
        });
        let receiver = scope.spawn(move || {
            on(1);
            (0..MESSAGES).fold(0, |sum, _| (sum * 31 + next()) % 0x7fff_ffff)
        });
        receiver.join().unwrap()
    })
}

fn queue(run: &mut Run) -> u64 {
    let queue = Queue::default();
    pass(run, |n| queue.push(n), || queue.pop())
}

fn ring_of_slots(run: &mut Run) -> u64 {
    let (mut sender, mut receiver) = ring(ROOM);
    pass(run, move |n| sender.send(n), move || receiver.receive())
}

fn unpadded(run: &mut Run) -> u64 {
    let (mut sender, mut receiver) = ring_unpadded(ROOM);
    pass(run, move |n| sender.send(n), move || receiver.receive())
}

fn std_unbounded(run: &mut Run) -> u64 {
    let (sender, receiver) = mpsc::channel();
    pass(
        run,
        move |n| sender.send(n).unwrap(),
        move || receiver.recv().unwrap(),
    )
}

fn std_bounded(run: &mut Run) -> u64 {
    let (sender, receiver) = mpsc::sync_channel(ROOM);
    pass(
        run,
        move |n| sender.send(n).unwrap(),
        move || receiver.recv().unwrap(),
    )
}

fn crossbeam_unbounded(run: &mut Run) -> u64 {
    let (sender, receiver) = crossbeam_channel::unbounded();
    pass(
        run,
        move |n| sender.send(n).unwrap(),
        move || receiver.recv().unwrap(),
    )
}

fn crossbeam_bounded(run: &mut Run) -> u64 {
    let (sender, receiver) = crossbeam_channel::bounded(ROOM);
    pass(
        run,
        move |n| sender.send(n).unwrap(),
        move || receiver.recv().unwrap(),
    )
}

fn batches(run: &mut Run) -> u64 {
    let (sender, receiver) = mpsc::channel();
    let mut batch = Vec::new();
    let mut arrived = Vec::new().into_iter();
    pass(
        run,
        move |n| {
            batch.push(n);
            if batch.len() as u64 == BATCH {
                sender.send(std::mem::take(&mut batch)).unwrap();
            }
        },
        move || {
            arrived.next().unwrap_or_else(|| {
                arrived = receiver.recv().unwrap().into_iter();
                arrived.next().unwrap()
            })
        },
    )
}
