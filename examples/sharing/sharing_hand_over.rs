//! 64 MiB from one flow to another: through memory they share, and through a
//! pipe.
//!
//! Run:  cargo run --example sharing_hand_over
//! See:  a thread has the bytes as soon as it is awake, at the address where
//!       they were. A process has to be sent every one of them.
//!
//! The clock runs from the word "yours" until the sender hears that the
//! receiver has the bytes. To a thread's answer it listens awake, so that only
//! the receiver has to be woken. The bytes are looked at after the clock has
//! stopped; the answer is a sum of them.

use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use lab::{Experiment, Helper, Kind, Run, rerun_self};

const SIZE: usize = 64 << 20;

fn main() -> ExitCode {
    Experiment::new(
        "sharing_hand_over",
        "What does it take to hand 64 MiB over?",
    )
    .baseline("pipe")
    .variant(Kind::Thread, "moved", "moved to a thread", moved)
    .variant(Kind::Thread, "awake", "moved to one that is awake", awake)
    .variant(Kind::Thread, "shared", "shared with a thread", shared)
    .variant(Kind::Thread, "copied", "a copy for a thread", copied)
    .variant(Kind::Process, "pipe", "to a process, by a pipe", pipe)
    .child("receive", |_| receive().expect("a parent that listens"))
    .run()
}

// ANCHOR: threads
fn moved(run: &mut Run) -> u64 {
    let ours = bytes();
    to_a_thread(run, asleep, ours.as_ptr() as usize, move || ours)
}

fn awake(run: &mut Run) -> u64 {
    let ours = bytes();
    to_a_thread(run, listening, ours.as_ptr() as usize, move || ours)
}

fn shared(run: &mut Run) -> u64 {
    let ours: Arc<[u8]> = bytes().into();
    // Two owners of one memory: what is copied is a pointer.
    to_a_thread(run, asleep, ours.as_ptr() as usize, || Arc::clone(&ours))
}

fn copied(run: &mut Run) -> u64 {
    let (ours, mut theirs) = (bytes(), bytes());
    theirs.fill(0); // its memory is there already, as it is for the pipe
    to_a_thread(run, asleep, ours.as_ptr() as usize, || {
        theirs.copy_from_slice(&ours);
        theirs
    })
}

fn to_a_thread<B>(
    run: &mut Run,
    waiting: Waiting<B>,
    from: usize,
    give: impl FnOnce() -> B,
) -> u64
where
    B: AsRef<[u8]> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel();
    let (got, has_it) = mpsc::channel();
    let there = thread::spawn(move || {
        got.send(0).unwrap();
        let theirs = waiting(&receiver);
        got.send(theirs.as_ref().as_ptr() as usize).unwrap();
        sum(theirs.as_ref())
    });
    let_it_sleep(&has_it);
    run.start_clock();
    sender.send(give()).unwrap();
    let to = listening(&has_it);
    run.stop_clock();
    run.metric("same_address", if from == to { 1.0 } else { 0.0 });
    there.join().unwrap()
}
// ANCHOR_END: threads

/// How a thread waits for what it is given.
type Waiting<B> = fn(&mpsc::Receiver<B>) -> B;

fn asleep<B>(receiver: &mpsc::Receiver<B>) -> B {
    receiver.recv().unwrap()
}

fn listening<B>(receiver: &mpsc::Receiver<B>) -> B {
    loop {
        match receiver.try_recv() {
            Ok(given) => return given,
            // In case both are on one core.
            Err(mpsc::TryRecvError::Empty) => thread::yield_now(),
            Err(gone) => panic!("{gone}"),
        }
    }
}

/// Until a receiver that has said that it is there waits for more.
fn let_it_sleep(said: &mpsc::Receiver<usize>) {
    said.recv().unwrap();
    thread::sleep(Duration::from_millis(5));
}

/// Every page is written, so that it is there before the clock starts.
fn bytes() -> Vec<u8> {
    (0..SIZE).map(|i| (i % 251) as u8).collect()
}

/// A byte of each page, added up.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().step_by(4096).map(|&byte| u64::from(byte)).sum()
}

fn pipe(run: &mut Run) -> u64 {
    run.elsewhere();
    let child = rerun_self("receive", &[]).and_then(Helper::spawn);
    let mut child = child.expect("a child process");
    let ours = bytes();
    assert_eq!(child.read_line().expect("a line"), "ready");
    run.start_clock();
    child.pipes().0.write_all(&ours).expect("a child that reads");
    assert_eq!(child.read_line().expect("a line"), "got them");
    run.stop_clock();
    child.read_line().expect("a line").parse().expect("a number")
}

fn receive() -> io::Result<()> {
    let mut theirs = bytes();
    theirs.fill(0);
    println!("ready");
    io::stdin().read_exact(&mut theirs)?;
    println!("got them\n{}", sum(&theirs));
    Ok(())
}
