//! From the call that starts it to its first line: task, thread, process.
//!
//! Run:  cargo run --example process_start
//! See:  columns `first` (until its first line runs) and `join` (until it is
//!       over and waited for), each for one unit. Each rung costs many times
//!       the one below. A large parent slows `fork` down, and with huge pages
//!       hardly; `Command` does not care.
//!
//! All of it on one hardware thread. The new unit notes the machine's clock,
//! which is the same in every process. A task starts within some ten readings
//! of a clock, so of tasks a chain is timed, each of which starts the next.

use std::io::{self, Read};
#[cfg(unix)]
use std::io::{Write, pipe};
use std::process::{Command, ExitCode, Stdio};
use std::thread;

use lab::os::monotonic_ns;
use lab::{Experiment, Kind, Run, rerun_self};
use processes::{ended_well, on_one_core};
use tokio::task::JoinHandle;

const UNITS: usize = 10;
/// So many that one reading of the clock does not matter.
const TASKS: usize = 1_000;
#[cfg(unix)]
const LARGE: usize = 200 << 20;

/// Starts one, waits for it, and returns when it ran its first line.
type Start = fn() -> io::Result<u64>;

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "process_start",
        "How long does a task, a thread or a process take to start?",
    )
    .baseline("thread");
    for (case, label) in [
        ("small", "a small parent"),
        #[cfg(unix)]
        ("large", "a parent with 200 MiB of memory in use"),
        #[cfg(target_os = "linux")]
        ("huge", "the same 200 MiB, in huge pages"),
    ] {
        experiment = experiment.case(case, label).variant(
            Kind::Task,
            "task",
            "tokio task",
            move |run| tasks(run, case),
        );
        for (kind, name, label, start) in [
            (Kind::Thread, "thread", "std::thread", thread as Start),
            #[cfg(unix)]
            (Kind::Process, "fork", "fork", forked),
            #[cfg(unix)]
            (Kind::Process, "fork_exec", "fork, then exec", fork_exec),
            (Kind::Process, "command", "std::process::Command", command),
        ] {
            experiment = experiment.variant(kind, name, label, move |run| {
                if kind == Kind::Process {
                    run.elsewhere();
                }
                each(run, case, start)
            });
        }
    }
    experiment.child("first", |_| println!("{}", monotonic_ns())).run()
}

fn each(run: &mut Run, case: &str, start: Start) -> usize {
    let _ballast = ballast(case);
    let mut times = Times::default();
    on_one_core(|| {
        start().expect("a first one"); // pays for what is done once
        run.start_clock();
        for _ in 0..UNITS {
            let began = monotonic_ns();
            let first = start().expect("one more");
            times.add(began, first);
        }
        run.stop_clock();
    });
    times.note(run)
}

// ANCHOR: starts
fn thread() -> io::Result<u64> {
    Ok(thread::spawn(monotonic_ns).join().unwrap())
}

#[cfg(unix)]
fn forked() -> io::Result<u64> {
    let (from, mut to) = pipe()?;
    // SAFETY: the child reads a clock and writes, without allocating.
    let child = unsafe {
        processes::fork::fork(|| {
            let _ = write!(to, "{}", monotonic_ns());
        })
    }?;
    drop(to);
    let first = time_from(from);
    ended_well(child.wait()?)?;
    first
}

fn command() -> io::Result<u64> {
    start_again(rerun_self("first", &[])?)
}

#[cfg(unix)]
fn fork_exec() -> io::Result<u64> {
    use std::os::unix::process::CommandExt;
    let mut command = rerun_self("first", &[])?;
    // SAFETY: the hook does nothing. But as there is one, std has to fork.
    unsafe { command.pre_exec(|| Ok(())) };
    start_again(command)
}
// ANCHOR_END: starts

fn start_again(mut command: Command) -> io::Result<u64> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let first = time_from(child.stdout.take().expect("stdout is piped"));
    ended_well(child.wait()?)?;
    first
}

fn time_from(mut child: impl Read) -> io::Result<u64> {
    let mut said = String::new();
    child.read_to_string(&mut said)?;
    said.trim().parse().map_err(io::Error::other)
}

fn tasks(run: &mut Run, case: &str) -> usize {
    let _ballast = ballast(case);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let (mut first_ns, mut join_ns) = (0, 0);
    runtime.expect("a runtime").block_on(async {
        chain_of(UNITS).await.expect("first ones");
        run.start_clock();
        let began = monotonic_ns();
        first_ns = chain_of(TASKS).await.expect("the last one's time") - began;
        let began = monotonic_ns();
        for _ in 0..TASKS {
            tokio::spawn(async {}).await.expect("one more");
        }
        join_ns = monotonic_ns() - began;
        run.stop_clock();
    });
    let each = |sum: u64| sum / (TASKS / UNITS) as u64;
    let (first_ns, join_ns) = (each(first_ns), each(join_ns));
    Times { units: UNITS, first_ns, join_ns }.note(run)
}

/// Tasks, each of which starts the next in its first line; the time at which
/// the last one was there.
fn chain_of(tasks: usize) -> JoinHandle<u64> {
    tokio::spawn(async move {
        if tasks == 1 {
            return monotonic_ns();
        }
        chain_of(tasks - 1).await.expect("the rest of the chain")
    })
}

#[derive(Default)]
struct Times {
    units: usize,
    first_ns: u64,
    join_ns: u64,
}

impl Times {
    fn add(&mut self, began: u64, first: u64) {
        self.units += 1;
        self.first_ns += first.saturating_sub(began);
        self.join_ns += monotonic_ns() - began;
    }

    fn note(&self, run: &mut Run) -> usize {
        let each_us = |sum: u64| sum as f64 / 1e3 / self.units as f64;
        run.metric("first_us", each_us(self.first_ns));
        run.metric("join_us", each_us(self.join_ns));
        self.units
    }
}

/// What makes the parent large: memory that was written to.
#[cfg(unix)]
fn ballast(case: &str) -> Option<processes::ballast::Ballast> {
    use processes::ballast::{Ballast, Pages};
    match case {
        "small" => None,
        "huge" => Some(Ballast::of(LARGE, Pages::Huge)),
        _ => Some(Ballast::of(LARGE, Pages::Small)),
    }
}

#[cfg(not(unix))]
fn ballast(_: &str) -> Option<()> {
    None
}
