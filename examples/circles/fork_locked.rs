//! A thread holds a lock for a part of the time, and another one forks. In how
//! many children does nobody ever let go of it?
//!
//! Run:  cargo run --example fork_locked
//! See:  `stuck_share`, the share of children that wait forever, is about
//!       `held_share`, the share of the time in which the lock was held: one
//!       in eight, one in two, seven in eight. None is stuck that executes a
//!       program at once, whoever forked it, and none where the lock is taken
//!       around each fork.
//!
//! Stuck are those that have used no CPU time for a while and wait; then they
//! are killed. Forking is there on Unix only.

use std::process::{Child, ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use circles::watch::{Watched, stuck};
use lab::random::{Random, fresh_seed};
use lab::{Experiment, Gate, Kind, rerun_self, take_over};

/// Children of which a share is stuck, and of which none should be.
const MANY: usize = 200;
const FEW: usize = 50;
/// Of a period in which the lock is held once.
const EIGHTH: Duration = Duration::from_micros(250);
const PATIENCE: Duration = Duration::from_millis(200);
/// By then all children are there, or something has failed.
const LIMIT: Duration = Duration::from_secs(20);

/// In the parent and, as a copy, in each forked child.
static LOCK: Mutex<()> = Mutex::new(());

fn main() -> ExitCode {
    let question = "A lock is held, and another thread forks: who is stuck?";
    let mut experiment =
        Experiment::new("fork_locked", question).baseline("none").observed();
    for (held, label) in [
        ("1", "held an eighth of the time"),
        ("4", "held half of the time"),
        ("7", "held seven eighths of the time"),
    ] {
        experiment = experiment.case(held, label);
        for (way, label) in ways(held) {
            let args = [held, way].map(str::to_owned);
            experiment =
                experiment.variant(Kind::Process, way, label, move |run| {
                    take_over(run, "try", &args)
                });
        }
    }
    experiment
        .child("try", |args| attempt(args[0].parse().unwrap(), &args[1]))
        .child("ask", |_| drop(LOCK.lock()))
        .run()
}

fn ways(held: &str) -> Vec<(&'static str, &'static str)> {
    let mut ways = Vec::new();
    if cfg!(unix) {
        ways.push(("fork", "fork, then lock"));
    }
    if held == "7" {
        ways.push(("command", "Command (posix_spawn)"));
    }
    if cfg!(unix) && held == "7" {
        ways.push(("fork_exec", "fork, then exec"));
        ways.push(("at_fork", "fork, pthread_atfork"));
    }
    ways
}

fn attempt(held: u32, way: &str) {
    match way {
        "command" => report(held, FEW, command),
        #[cfg(unix)]
        "fork" => report(held, MANY, unix::forked),
        #[cfg(unix)]
        "fork_exec" => report(held, FEW, unix::fork_exec),
        #[cfg(unix)]
        "at_fork" => {
            unix::lock_around_forks();
            report(held, FEW, unix::forked);
        }
        _ => panic!("no way is called {way}"),
    }
}

fn report<C: Watched>(held: u32, count: usize, start: fn() -> C) {
    let (stuck_share, held_share) = stuck_and_held(held, count, start);
    println!("stuck_share {stuck_share}\nheld_share {held_share}");
    let all_end = stuck_share == 0.0;
    let said = if all_end { "all get done" } else { "some are stuck" };
    println!("answer {said}");
}

fn stuck_and_held<C: Watched>(
    held: u32,
    count: usize,
    start: fn() -> C,
) -> (f64, f64) {
    let (gate, enough) = (Gate::of(2), AtomicBool::new(false));
    let (gate, enough) = (&gate, &enough);
    thread::scope(|scope| {
        let holder = scope.spawn(move || {
            gate.wait();
            hold(held, enough)
        });
        gate.wait();
        let mut random = Random::new(fresh_seed());
        let period = 8 * EIGHTH.as_micros() as usize;
        let children: Vec<C> = (0..count)
            .map(|_| {
                // At any moment of a period, and each as likely.
                let pause = random.below(period) as u64;
                thread::sleep(Duration::from_micros(pause));
                start()
            })
            .collect();
        enough.store(true, Relaxed);
        let held_share = holder.join().unwrap();
        let mut left = stuck(children, PATIENCE);
        let stuck_share = left.len() as f64 / count as f64;
        left.iter_mut().for_each(Watched::end);
        (stuck_share, held_share)
    })
}

/// Holds the lock for so many eighths of the time, and tells for which share it
/// really was.
fn hold(eighths: u32, enough: &AtomicBool) -> f64 {
    let (began, mut held) = (Instant::now(), Duration::ZERO);
    let mut due = began;
    while !enough.load(Relaxed) && began.elapsed() < LIMIT {
        let turn = LOCK.lock().unwrap();
        let since = Instant::now();
        due += eighths * EIGHTH;
        sleep_until(due);
        held += since.elapsed();
        drop(turn);
        due += (8 - eighths) * EIGHTH;
        sleep_until(due);
    }
    held.as_secs_f64() / began.elapsed().as_secs_f64()
}

/// A sleep that is late does not make the next one later.
fn sleep_until(due: Instant) {
    thread::sleep(due.saturating_duration_since(Instant::now()));
}

/// A process that executes this program anew, and so has a lock of its own.
fn command() -> Child {
    let mut command = rerun_self("ask", &[]).expect("our path");
    command.stdout(Stdio::null()).spawn().expect("a child process")
}

#[cfg(unix)]
mod unix {
    use std::cell::Cell;
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Stdio};
    use std::sync::MutexGuard;

    use circles::fork::{Forked, fork};
    use lab::rerun_self;

    use super::LOCK;

    // ANCHOR: fork
    pub(super) fn forked() -> Forked {
        // SAFETY: a lock is what a child must not ask for, and what we are
        // after. This one is a word in memory and a call of the kernel's.
        unsafe { fork(|| drop(LOCK.lock())) }
    }
    // ANCHOR_END: fork

    // ANCHOR: at_fork
    thread_local! {
        static TURN: Cell<Option<MutexGuard<'static, ()>>> = Cell::default();
    }

    /// Whoever forks has the lock then, and so has the copy of it in the child.
    pub(super) fn lock_around_forks() {
        extern "C" fn take() {
            TURN.set(LOCK.lock().ok());
        }
        extern "C" fn let_go() {
            TURN.take();
        }
        // SAFETY: the functions are there as long as the process is.
        let error = unsafe {
            libc::pthread_atfork(Some(take), Some(let_go), Some(let_go))
        };
        assert_eq!(error, 0);
    }
    // ANCHOR_END: at_fork

    pub(super) fn fork_exec() -> Child {
        let mut command = rerun_self("ask", &[]).expect("our path");
        // SAFETY: nothing is called. With a hook the library has to fork.
        unsafe { command.pre_exec(|| Ok(())) };
        command.stdout(Stdio::null()).spawn().expect("a child process")
    }
}
