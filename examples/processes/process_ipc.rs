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

use std::io;
use std::process::{ExitCode, Stdio};

use lab::{Experiment, Kind, Run, os};
use processes::{ended_well, on_one_core};

#[path = "src/ipc/mod.rs"]
mod ipc;
#[cfg(unix)]
use ipc::shared_memory;
use ipc::stream::{listen, talk};
use ipc::work::{Job, Work};
use ipc::{Named, frames, other, tcp, threads};

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
        for (kind, name, label, medium) in media(case) {
            experiment = experiment.variant(kind, name, label, move |run| {
                if kind == Kind::Process {
                    run.elsewhere();
                }
                on_one_core(|| medium(run, job)).expect("both sides")
            });
        }
    }
    experiment.child("peer", |args| peer(args).expect("both sides")).run()
}

fn media(case: &str) -> Vec<Named> {
    let mut all: Vec<Named> = vec![
        (Kind::Thread, "channel", "threads: channel", threads::channel),
        (Kind::Thread, "pipe_threads", "threads: pipe", threads::pipe),
        (Kind::Process, "pipe", "pipe", pipe),
        (Kind::Process, "tcp", "TCP, loopback", tcp::loopback),
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
        all.push((Kind::Process, "frames", "frames on a pipe", frames::queue));
    }
    #[cfg(unix)]
    all.extend(shared_memory::media(case));
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
    ended_well(child.wait()?)?;
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
    ended_well(child.wait()?)?;
    answer
}
// ANCHOR_END: ours

fn peer(args: &[String]) -> io::Result<()> {
    let (medium, job, address) = (&args[0], Job::from_text(&args[1]), &args[2]);
    job.take_their_core();
    match medium.as_str() {
        "stream" => listen(job.work, io::stdin().lock(), io::stdout().lock()),
        "tcp" => tcp::peer(job.work, address),
        "frames" => frames::peer(),
        #[cfg(unix)]
        medium => shared_memory::peer(medium, job.work, address),
        #[cfg(not(unix))]
        medium => Err(io::Error::other(format!("no {medium} here"))),
    }
}
