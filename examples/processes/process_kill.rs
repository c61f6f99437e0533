//! Stopping what does not want to stop: a process, a thread, a task.
//!
//! Run:  cargo run --example process_kill
//! See:  a process that spins is gone some time after the call, whatever it
//!       does. A thread or a task can only be asked: one that never looks, or
//!       never awaits, goes on until its process ends. (On Linux: unless the
//!       thread has allowed beforehand to be canceled at any instruction.)
//!
//! The ones that cannot be stopped spin in a process of their own, which can.

use std::hint::{black_box, spin_loop};
use std::io::Read;
use std::process::{ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lab::{Experiment, Kind, Run, rerun_self, take_over};

const PATIENCE: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let experiment =
        Experiment::new("process_kill", "What can be stopped from outside?")
            .baseline("none")
            .observed()
            .variant(Kind::Process, "process", "process, killed", process)
            .variant(
                Kind::Thread,
                "thread_flag",
                "thread that looks",
                thread_flag,
            )
            .variant(
                Kind::Thread,
                "thread_deaf",
                "thread that does not",
                |run| take_over(run, "thread_deaf", &[]),
            )
            .variant(Kind::Task, "task_await", "task that awaits", task_await)
            .variant(Kind::Task, "task_deaf", "task that does not", |run| {
                take_over(run, "task_deaf", &[])
            })
            .child("spin", |_| {
                println!(".");
                spin_for_ever()
            })
            .child("thread_deaf", |_| thread_deaf())
            .child("task_deaf", |_| task_deaf());
    with_cancellation(experiment).run()
}

#[cfg(target_os = "linux")]
fn with_cancellation(experiment: Experiment) -> Experiment {
    experiment
        .variant(Kind::Thread, "canceled", "thread, canceled", |run| {
            take_over(run, "canceled", &[])
        })
        .variant(
            Kind::Thread,
            "canceled_anywhere",
            "thread that allows it anywhere, canceled",
            |run| take_over(run, "canceled_anywhere", &[]),
        )
        .child("canceled", |_| posix::canceled(posix::spins))
        .child("canceled_anywhere", |_| posix::canceled(posix::allows_it))
}

#[cfg(not(target_os = "linux"))]
fn with_cancellation(experiment: Experiment) -> Experiment {
    experiment
}

fn spin_for_ever() {
    while black_box(true) {
        spin_loop();
    }
}

fn process(run: &mut Run) -> String {
    run.elsewhere();
    let mut child = rerun_self("spin", &[]).expect("our path");
    let mut child =
        child.stdout(Stdio::piped()).spawn().expect("a child process");
    let said = child.stdout.as_mut().expect("stdout is piped");
    said.read_exact(&mut [0]).expect("that it spins");

    run.start_clock();
    let asked = Instant::now();
    child.kill().expect("a child to kill");
    let status = child.wait().expect("a child that ends");
    let took = asked.elapsed();
    run.stop_clock();
    gone(run, took, &lab::os::ending(status))
}

// ANCHOR: thread
fn thread_flag(run: &mut Run) -> String {
    let stop = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stop);
    let gate = run.gate(2);
    let thread = thread::spawn(gate.then(move || {
        while !seen.load(Ordering::Relaxed) {
            spin_loop();
        }
    }));

    gate.wait(); // it is there, and the clock starts
    let asked = Instant::now();
    stop.store(true, Ordering::Relaxed);
    thread.join().unwrap();
    let took = asked.elapsed();
    run.stop_clock();
    gone(run, took, "it looked at its flag")
}

fn thread_deaf() {
    // There is no call to end it: a JoinHandle can be joined or dropped.
    let thread = thread::spawn(spin_for_ever);
    thread::sleep(PATIENCE);
    say_whether_gone(thread.is_finished());
}
// ANCHOR_END: thread

fn task_await(run: &mut Run) -> String {
    runtime().block_on(async {
        let task = tokio::spawn(async {
            loop {
                tokio::task::yield_now().await; // where it can be stopped
            }
        });
        tokio::time::sleep(Duration::from_millis(1)).await;

        run.start_clock();
        let asked = Instant::now();
        task.abort();
        let ended = task.await;
        let took = asked.elapsed();
        run.stop_clock();
        assert!(ended.unwrap_err().is_cancelled());
        gone(run, took, "at an await")
    })
}

fn task_deaf() {
    runtime().block_on(async {
        let task = tokio::spawn(async { spin_for_ever() });
        tokio::time::sleep(Duration::from_millis(1)).await;
        task.abort();
        tokio::time::sleep(PATIENCE).await;
        say_whether_gone(task.is_finished());
        std::process::exit(0); // the runtime would wait for it
    });
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .expect("a runtime")
}

fn gone(run: &mut Run, took: Duration, how: &str) -> String {
    run.metric("gone", 1.0);
    run.metric("gone_us", took.as_secs_f64() * 1e6);
    format!("gone: {how}")
}

/// A child's side of the same.
fn say_whether_gone(is_finished: bool) {
    println!("gone {}", u8::from(is_finished));
    let answer =
        if is_finished { "gone" } else { "still running after 100 ms" };
    println!("answer {answer}");
}

/// Threads of POSIX, since those of `std` are not made to be canceled: theirs
/// would end the process.
#[cfg(target_os = "linux")]
mod posix {
    use std::ffi::{c_int, c_void};
    use std::hint::spin_loop;
    use std::ptr::{null, null_mut};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Instant;

    use super::{PATIENCE, say_whether_gone};

    static SPINS: AtomicBool = AtomicBool::new(false);
    /// What a thread can be at a cancellation: it has to come to a call that
    /// looks (the default), or may be anywhere.
    const ANYWHERE: c_int = 1;

    unsafe extern "C" {
        fn pthread_setcanceltype(kind: c_int, before: *mut c_int) -> c_int;
    }

    // ANCHOR: cancel
    pub(super) extern "C" fn spins(_: *mut c_void) -> *mut c_void {
        SPINS.store(true, Ordering::Release);
        loop {
            spin_loop(); // calls nothing, so it comes to no place to end
        }
    }

    pub(super) extern "C" fn allows_it(_: *mut c_void) -> *mut c_void {
        // SAFETY: from here on this thread may end at any instruction. It
        // calls nothing, holds nothing, and has nothing to drop.
        unsafe { pthread_setcanceltype(ANYWHERE, null_mut()) };
        SPINS.store(true, Ordering::Release);
        loop {
            spin_loop();
        }
    }
    // ANCHOR_END: cancel

    pub(super) fn canceled(body: extern "C" fn(*mut c_void) -> *mut c_void) {
        let mut id = 0;
        // SAFETY: `id` is live, and null are the default attributes and an
        // argument that the body does not read.
        let made =
            unsafe { libc::pthread_create(&mut id, null(), body, null_mut()) };
        assert_eq!(made, 0, "a thread");
        while !SPINS.load(Ordering::Acquire) {
            spin_loop();
        }

        let asked = Instant::now();
        // SAFETY: the thread is there, and nobody has joined it.
        assert_eq!(unsafe { libc::pthread_cancel(id) }, 0);
        let (tell, told) = channel();
        thread::spawn(move || {
            // SAFETY: the only join. If the thread never ends, neither does
            // this one, until the process does.
            unsafe { libc::pthread_join(id, null_mut()) };
            tell.send(asked.elapsed())
        });
        let took = told.recv_timeout(PATIENCE).ok();
        if let Some(took) = took {
            println!("gone_us {}", took.as_secs_f64() * 1e6);
        }
        say_whether_gone(took.is_some());
    }
}
