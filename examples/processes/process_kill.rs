//! Stopping what does not want to stop: a process, a thread, a task.
//!
//! Run:  cargo run --example process_kill
//! See:  a process that spins is gone some time after the call, whatever it
//!       does. A thread or a task can only be asked: one that never looks, or
//!       never awaits, goes on until its process ends. POSIX's cancellation
//!       changes nothing about that, unless the thread allowed it anywhere.
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
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    let experiment = canceled::with_variants(experiment);
    experiment.run()
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

/// `pthread_cancel`, of which the standard library knows nothing: the thread is
/// one of C's, and has nothing of Rust's to be dropped.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod canceled {
    use super::*;
    use libc::{c_int, c_void, pthread_t};
    use std::ptr::{null, null_mut};

    // Not the libc crate's, since to be canceled is to be unwound, and a body
    // must allow that.
    unsafe extern "C" {
        fn pthread_create(
            thread: *mut pthread_t,
            attributes: *const c_void,
            body: Body,
            argument: *mut c_void,
        ) -> c_int;
        fn pthread_setcanceltype(kind: c_int, old: *mut c_int) -> c_int;
    }
    type Body = extern "C-unwind" fn(*mut c_void) -> *mut c_void;
    const ANYWHERE: c_int = 1; // PTHREAD_CANCEL_ASYNCHRONOUS, in glibc

    pub(super) fn with_variants(mut experiment: Experiment) -> Experiment {
        for (name, label, body) in [
            ("thread_cancel", "thread, canceled", spin as Body),
            (
                "thread_cancel_async",
                "thread that allowed it anywhere, canceled",
                spin_and_allow_it_anywhere,
            ),
        ] {
            experiment = experiment
                .variant(Kind::Thread, name, label, |run| {
                    take_over(run, name, &[])
                })
                .child(name, move |_| cancel(body));
        }
        experiment
    }

    fn cancel(body: Body) {
        let mut thread = 0;
        // SAFETY: a body that takes no argument, and a place for the thread's
        // name. It is ours until it is joined, and nothing in it needs a drop.
        unsafe {
            let made = pthread_create(&mut thread, null(), body, null_mut());
            assert_eq!(made, 0);
            thread::sleep(Duration::from_millis(10)); // by now it spins
            assert_eq!(libc::pthread_cancel(thread), 0);
        }
        thread::sleep(PATIENCE);
        // SAFETY: it is not joined yet, and does not wait.
        let still_there =
            unsafe { libc::pthread_tryjoin_np(thread, null_mut()) };
        say_whether_gone(still_there == 0);
    }

    extern "C-unwind" fn spin(_: *mut c_void) -> *mut c_void {
        spin_for_ever();
        null_mut()
    }

    extern "C-unwind" fn spin_and_allow_it_anywhere(
        _: *mut c_void,
    ) -> *mut c_void {
        // SAFETY: from here on the thread may end at any instruction. It does
        // nothing but spin.
        unsafe { pthread_setcanceltype(ANYWHERE, null_mut()) };
        spin_for_ever();
        null_mut()
    }
}

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
