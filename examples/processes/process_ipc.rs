//! A message to another process and back, and many bytes one way.
//!
//! Run:  cargo run --example process_ipc
//! See:  column `trip`: the same pipe costs little more between processes than
//!       between threads. Column `mib`, the time for a MiB: a channel hands
//!       over a pointer, a pipe copies the bytes in and out again.
//!
//! `latency` and `bulk` keep both sides on one core, so that we measure the
//! passing, and not how long an idle core takes to wake up. `across` has a core
//! for each. The other side adds one to a number and sends it back, or compares
//! what comes with what should.

use std::io::{self, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, ExitCode, Stdio};

use lab::{Experiment, Kind, Run, os, rerun_self};
use processes::{frames, on_one_core};

#[cfg(unix)]
#[path = "process_ipc/shared_memory.rs"]
mod shared_memory;
#[path = "process_ipc/threads.rs"]
mod threads;
#[path = "process_ipc/work.rs"]
mod work;
use work::{CHUNK, Job, Work, bulk, check, trips};

/// Does the job with another process or thread, and returns the answer.
type Means = fn(&mut Run, Job) -> io::Result<String>;

fn main() -> ExitCode {
    let cores = os::allowed_cpus().unwrap_or_default();
    let core = |n: usize| cores.get(n).copied().unwrap_or(usize::MAX);
    let one_core = Job { work: Work::Trips, their_core: core(0) };
    let across = Job { their_core: core(1), ..one_core };
    let many_bytes = Job { work: Work::Bulk, ..one_core };
    let mut experiment = Experiment::new(
        "process_ipc",
        "What does it cost to talk to another process?",
    )
    .baseline("channel");
    for (case, label, job) in [
        ("latency", "a number there and back, on one core", one_core),
        ("across", "the same, a core for each", across),
        ("bulk", "64 MiB one way, on one core", many_bytes),
    ] {
        experiment = experiment.case(case, label);
        for (kind, name, label, means) in means(case) {
            experiment = experiment.variant(kind, name, label, move |run| {
                if kind == Kind::Process {
                    run.elsewhere();
                }
                on_one_core(|| means(run, job)).expect("both sides")
            });
        }
    }
    experiment.child("peer", |args| peer(args).expect("both sides")).run()
}

fn means(case: &str) -> Vec<(Kind, &'static str, &'static str, Means)> {
    let mut all: Vec<(Kind, _, _, Means)> = vec![
        (Kind::Thread, "channel", "threads: channel", threads::channel),
        (Kind::Thread, "pipe_threads", "threads: pipe", threads::pipe),
        (Kind::Process, "pipe", "pipe", pipe),
        (Kind::Process, "tcp", "TCP, loopback", tcp),
    ];
    #[cfg(unix)]
    all.push((Kind::Process, "socket", "Unix socket", socket));
    if case == "bulk" {
        let label = "threads: channel, chunks reused";
        all.push((Kind::Thread, "channel_reuse", label, threads::reuse));
        all.push((Kind::Alone, "alone", "nobody else", threads::alone));
    } else {
        let label = "threads: mutex, condition";
        all.push((Kind::Thread, "condvar", label, threads::condvar));
        all.push((Kind::Process, "frames", "frames on a pipe", queue));
    }
    #[cfg(unix)]
    all.extend(shared_memory::means(case));
    all
}

// ANCHOR: ours
fn pipe(run: &mut Run, job: Job) -> io::Result<String> {
    let mut command = other("stream", job, "")?;
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let to = child.stdin.take().expect("stdin is piped");
    let from = child.stdout.take().expect("stdout is piped");
    let answer = talk(run, job, to, from);
    child.wait()?;
    answer
}

#[cfg(unix)]
fn socket(run: &mut Run, job: Job) -> io::Result<String> {
    use std::os::{fd::OwnedFd, unix::net::UnixStream};
    let (ours, theirs) = UnixStream::pair()?;
    let to_child = OwnedFd::from(theirs.try_clone()?);
    let mut command = other("stream", job, "")?;
    let mut child =
        command.stdin(to_child).stdout(OwnedFd::from(theirs)).spawn()?;
    drop(command); // it holds their ends open
    let answer = talk(run, job, ours.try_clone()?, &ours);
    drop(ours);
    child.wait()?;
    answer
}
// ANCHOR_END: ours

fn tcp(run: &mut Run, job: Job) -> io::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?.to_string();
    let mut child = other("tcp", job, &address)?.spawn()?;
    let (ours, _) = listener.accept()?;
    ours.set_nodelay(true)?; // or small messages wait for company
    let answer = talk(run, job, &ours, &ours);
    drop(ours);
    child.wait()?;
    answer
}

/// A queue as Python's is one: messages with their length on a pipe.
fn queue(run: &mut Run, job: Job) -> io::Result<String> {
    let mut command = other("frames", job, "")?;
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut to = child.stdin.take().expect("stdin is piped");
    let from = child.stdout.take().expect("stdout is piped");
    let mut from = BufReader::new(from);
    let answer = trips(run, |number| {
        frames::send(&mut to, &number.to_le_bytes())?;
        let message = frames::receive(&mut from)?.unwrap_or_default();
        Ok(u64::from_le_bytes(message.try_into().unwrap_or_default()))
    });
    drop(to);
    child.wait()?;
    answer
}

// ANCHOR: talk
fn talk(
    run: &mut Run,
    job: Job,
    mut to: impl Write,
    mut from: impl Read,
) -> io::Result<String> {
    let mut reply = [0; 8];
    match job.work {
        Work::Trips => trips(run, |number| {
            to.write_all(&number.to_le_bytes())?;
            from.read_exact(&mut reply)?; // sleeps until the answer is there
            Ok(u64::from_le_bytes(reply))
        }),
        Work::Bulk => {
            let mut chunk = vec![0; CHUNK];
            let give = |n| {
                chunk.fill(n);
                to.write_all(&chunk) // copied into the kernel
            };
            bulk(run, give, || {
                from.read_exact(&mut reply)?;
                Ok(u64::from_le_bytes(reply))
            })
        }
    }
}
// ANCHOR_END: talk

/// The other side of `talk`.
fn listen(
    work: Work,
    mut from: impl Read,
    mut to: impl Write,
) -> io::Result<()> {
    match work {
        Work::Trips => {
            let mut number = [0; 8];
            while from.read_exact(&mut number).is_ok() {
                let next = u64::from_le_bytes(number) + 1;
                to.write_all(&next.to_le_bytes())?;
                to.flush()?;
            }
            Ok(())
        }
        Work::Bulk => {
            let mut chunk = vec![0; CHUNK];
            let right = check(|is_right| {
                from.read_exact(&mut chunk)?; // and out again
                Ok(is_right(&chunk))
            })?;
            to.write_all(&right.to_le_bytes())?;
            to.flush()
        }
    }
}

/// This program again, as the other side.
fn other(means: &str, job: Job, address: &str) -> io::Result<Command> {
    rerun_self("peer", &[means.into(), job.to_text(), address.into()])
}

fn peer(args: &[String]) -> io::Result<()> {
    let (means, job, address) = (&args[0], Job::from_text(&args[1]), &args[2]);
    job.take_their_core();
    match means.as_str() {
        "stream" => listen(job.work, io::stdin().lock(), io::stdout().lock()),
        "tcp" => {
            let theirs = TcpStream::connect(address)?;
            theirs.set_nodelay(true)?;
            listen(job.work, &theirs, &theirs)
        }
        "frames" => {
            let (mut from, mut to) = (io::stdin().lock(), io::stdout().lock());
            while let Some(message) = frames::receive(&mut from)? {
                let number = message.try_into().unwrap_or_default();
                let next = u64::from_le_bytes(number) + 1;
                frames::send(&mut to, &next.to_le_bytes())?;
            }
            Ok(())
        }
        #[cfg(unix)]
        means => shared_memory::peer(means, job.work, address),
        #[cfg(not(unix))]
        means => Err(io::Error::other(format!("no {means} here"))),
    }
}
