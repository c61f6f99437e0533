//! 64 MiB from one flow to another: through memory they share, and through a
//! pipe.
//!
//! Run:  cargo run --example sharing_hand_over
//! See:  a thread has the bytes as soon as it is awake, at the address where
//!       they were. A process has to be sent every one of them.
//!
//! The clock runs from the word "yours" until the receiver has the bytes. It
//! looks at them after the clock has stopped; the answer is a sum of them.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{ExitCode, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;

use lab::{Experiment, Kind, Run, rerun_self};

const SIZE: usize = 64 << 20;

fn main() -> ExitCode {
    Experiment::new(
        "sharing_hand_over",
        "What does it take to hand 64 MiB over?",
    )
    .baseline("pipe")
    .variant(Kind::Thread, "moved", "moved to a thread", moved)
    .variant(Kind::Thread, "shared", "shared with a thread", shared)
    .variant(Kind::Thread, "copied", "a copy for a thread", copied)
    .variant(Kind::Process, "pipe", "to a process, by a pipe", pipe)
    .child("receive", |_| receive().expect("a parent that listens"))
    .run()
}

// ANCHOR: threads
fn moved(run: &mut Run) -> u64 {
    let ours = bytes();
    to_a_thread(run, ours.as_ptr() as usize, move || ours)
}

fn shared(run: &mut Run) -> u64 {
    let ours: Arc<[u8]> = bytes().into();
    // Two owners of one memory: what is copied is a pointer.
    to_a_thread(run, ours.as_ptr() as usize, || Arc::clone(&ours))
}

fn copied(run: &mut Run) -> u64 {
    let (ours, mut theirs) = (bytes(), bytes());
    theirs.fill(0); // its memory is there already, as it is for the pipe
    to_a_thread(run, ours.as_ptr() as usize, || {
        theirs.copy_from_slice(&ours);
        theirs
    })
}

fn to_a_thread<B>(run: &mut Run, from: usize, give: impl FnOnce() -> B) -> u64
where
    B: AsRef<[u8]> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel::<B>();
    let (got, has_it) = mpsc::channel();
    let there = thread::spawn(move || {
        let theirs = receiver.recv().unwrap();
        got.send(theirs.as_ref().as_ptr() as usize).unwrap();
        sum(theirs.as_ref())
    });
    run.start_clock();
    sender.send(give()).unwrap();
    let to = has_it.recv().unwrap();
    run.stop_clock();
    run.metric("same_address", if from == to { 1.0 } else { 0.0 });
    there.join().unwrap()
}
// ANCHOR_END: threads

/// Every page is written, so that it is there before the clock starts.
fn bytes() -> Vec<u8> {
    (0..SIZE).map(|i| (i % 251) as u8).collect()
}

/// A byte of each page, added up.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().step_by(4096).map(|&byte| u64::from(byte)).sum()
}

// ANCHOR: pipe
fn pipe(run: &mut Run) -> u64 {
    run.elsewhere();
    let mut child = rerun_self("receive", &[])
        .expect("our path")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child process");
    let mut pipe = child.stdin.take().expect("a pipe");
    let mut said = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut line = || said.next().expect("a line").expect("text");
    let ours = bytes();
    assert_eq!(line(), "ready");
    run.start_clock();
    pipe.write_all(&ours).expect("a child that reads");
    assert_eq!(line(), "got them");
    run.stop_clock();
    let sum = line().parse().expect("a number");
    child.wait().expect("a child that ends");
    sum
}

fn receive() -> io::Result<()> {
    let mut theirs = bytes();
    theirs.fill(0);
    println!("ready");
    io::stdin().read_exact(&mut theirs)?;
    println!("got them\n{}", sum(&theirs));
    Ok(())
}
// ANCHOR_END: pipe
