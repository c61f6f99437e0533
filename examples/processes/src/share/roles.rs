//! What the parent and its children do.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use lab::{Run, os, rerun_self};
use processes::ended_well;
use processes::fork::fork;
use processes::shared::Shared;

use super::board::{Board, Means, means};

const PROCESSES: u32 = 2;
/// Who has not got a lock by then will not get it.
const PATIENCE: Duration = Duration::from_millis(200);

fn new_board() -> Shared<Board> {
    let board: Shared<Board> = Shared::create().expect("shared memory");
    #[cfg(target_os = "linux")]
    {
        board.mutex.set_up();
        board.semaphore.set_up();
    }
    board
}

fn child(role: &str, means: &str, board: &Shared<Board>) -> Command {
    let path = board.path().display().to_string();
    let mut command =
        rerun_self(role, &[means.into(), path]).expect("our path");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// What a child was told: the means, and where the board lies.
fn told(args: &[String]) -> (Means, Shared<Board>) {
    os::no_core_file();
    let named = means().into_iter().find(|one| one.name == args[0]);
    let board = Shared::open(Path::new(&args[1])).expect("the board");
    (named.expect("a means"), board)
}

pub(crate) fn count(run: &mut Run, means: &Means) -> String {
    run.elsewhere();
    let board = new_board();
    let children: Vec<Child> = (0..PROCESSES)
        .map(|_| child("count", means.name, &board).spawn().expect("a child"))
        .collect();
    let mut each_ns = 0.0_f64;
    for child in children {
        let out = child.wait_with_output().expect("a child that ends");
        // One that did not count would look like lost increments.
        ended_well(out.status).expect("a child that counted to the end");
        let took = String::from_utf8_lossy(&out.stdout).trim().parse();
        each_ns = each_ns.max(took.expect("a time"));
    }
    let lost = u64::from(PROCESSES) * means.times - board.count.load(Relaxed);
    run.metric("each_ns", each_ns);
    run.metric("lost", lost as f64);
    let all = u64::from(PROCESSES) * means.times;
    run.metric("lost_share", lost as f64 / all as f64);
    if means.protects || lost == 0 {
        format!("{lost} lost")
    } else {
        "some are lost".into()
    }
}

pub(crate) fn count_here(args: &[String]) {
    let (means, board) = told(args);
    board.gate.fetch_add(1, AcqRel);
    while board.gate.load(Acquire) < PROCESSES {
        thread::yield_now(); // on one core, the other has to come, too
    }
    let began = Instant::now();
    for _ in 0..means.times {
        (means.with)(&board, means.increment);
    }
    println!("{}", began.elapsed().as_nanos() as f64 / means.times as f64);
}

// ANCHOR: killed
pub(crate) fn kill_holder(run: &mut Run, role: &str, means: &str) -> String {
    run.elsewhere();
    let board = new_board();
    let mut holder = child(role, means, &board).spawn().expect("a child");
    let input = holder.stdin.take();
    first_sign_of(&mut holder); // it has the lock
    holder.kill().expect("it is ours");
    let how = holder.wait().expect("it is ours");
    assert_eq!(os::ending(how), "SIGKILL", "it held the lock until then");
    let answer = ask_for_it(run, means, &board);
    drop(input); // if the holder had a child, it ends now
    let mut output = holder.stdout.take().expect("stdout is piped");
    output.read_to_end(&mut Vec::new()).expect("the end of both");
    answer
}

pub(crate) fn hold(args: &[String]) {
    let (means, board) = told(args);
    (means.with)(&board, |_| {
        println!(".");
        thread::sleep(Duration::from_secs(10)); // killed long before
    });
}

/// With a forked child, which has inherited the open file.
pub(crate) fn hold_and_fork(args: &[String]) {
    let (means, board) = told(args);
    (means.with)(&board, |_| {
        // SAFETY: the child reads, without allocating, and ends.
        let child = unsafe { fork(wait_for_the_end_of_input) };
        println!(".");
        thread::sleep(Duration::from_secs(10)); // killed long before
        drop(child);
    });
}
// ANCHOR_END: killed

fn wait_for_the_end_of_input() {
    let mut byte = 0_u8;
    // SAFETY: room for the byte that never comes. It is not `io::stdin`, which
    // locks.
    while unsafe { libc::read(0, (&raw mut byte).cast(), 1) } > 0 {}
}

/// Another process asks for the lock, and has some time to get it.
fn ask_for_it(run: &mut Run, means: &str, board: &Shared<Board>) -> String {
    let mut next = child("take", means, board).spawn().expect("a child");
    first_sign_of(&mut next); // it is about to ask for it
    let asked = Instant::now();
    let mut ended = false;
    while !ended && asked.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(1));
        ended = next.try_wait().expect("it is ours").is_some();
    }
    let _ = next.kill();
    let out = next.wait_with_output().expect("it is ours");
    if ended {
        // One that broke would look like one that got it.
        ended_well(out.status).expect("one that got the lock");
    }
    run.metric("freed", f64::from(u8::from(ended)));
    let told = String::from_utf8_lossy(&out.stdout).contains("told");
    match (ended, told) {
        (true, true) => "the next one gets it, and is told",
        (true, false) => "the next one gets it, and is not told",
        (false, _) => "the next one waits in vain",
    }
    .into()
}

pub(crate) fn take(args: &[String]) {
    let (means, board) = told(args);
    println!(".");
    (means.with)(&board, |_| {});
}

fn first_sign_of(child: &mut Child) {
    let said = child.stdout.as_mut().expect("stdout is piped");
    said.read_exact(&mut [0]).expect("a sign");
}
