//! From threads into tasks and back, by every way. Which works, which panics
//! and says what, and which hangs?
//!
//! Run:  cargo run --example hidden_ways
//! See:  what would block a thread that runs tasks panics where tokio notices,
//!       and hangs where it cannot. What needs a runtime and finds none panics.
//!       `spawn_blocking`, `block_in_place` with several workers, `enter` and
//!       a oneshot work.
//!
//! Each way is tried in a child process, which is ended when all of its threads
//! have slept for 200 ms.

use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use lab::testing::caught;
use lab::{Experiment, Kind, Run};
use stuck::watch::watch;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task::{block_in_place, spawn_blocking};
use tokio::time::sleep;

const PAUSE: Duration = Duration::from_millis(5);

type Way = (&'static str, &'static str, fn());

const IN_A_TASK: [Way; 14] = [
    ("await", "await", || in_task(2, || async { pause().await })),
    ("block_on", "Handle::block_on", || {
        in_task(2, || async { Handle::current().block_on(pause()) });
    }),
    ("runtime", "a new runtime’s block_on", || {
        in_task(2, || async { one_thread().block_on(pause()) });
    }),
    ("dropped", "a runtime is dropped", || {
        in_task(2, || async { drop(one_thread()) });
    }),
    ("blocking_send", "mpsc’s blocking_send", || {
        in_task(2, || async {
            let (sender, _receiver) = tokio::sync::mpsc::channel(1);
            sender.blocking_send(1).expect("there is a receiver");
        });
    }),
    ("in_place", "block_in_place, several workers", || {
        in_task(2, || async {
            block_in_place(|| Handle::current().block_on(pause()));
        });
    }),
    ("in_place_1", "block_in_place, one thread", || {
        in_task(1, || async {
            block_in_place(|| Handle::current().block_on(pause()));
        });
    }),
    ("spawn_blocking", "spawn_blocking, block_on there", || {
        in_task(1, || async {
            let back = || Handle::current().block_on(pause());
            spawn_blocking(back).await.unwrap();
        });
    }),
    ("thread", "join a thread’s block_on, 2 workers", || {
        in_task(2, || async { joined() });
    }),
    ("thread_1", "join a thread’s block_on, one thread", || {
        in_task(1, || async { joined() });
    }),
    ("foreign", "futures::executor::block_on, one thread", || {
        in_task(1, || async { futures_executor::block_on(pause()) });
    }),
    ("channel", "std’s recv from a task, one thread", || {
        in_task(1, || async {
            let (sender, receiver) = mpsc::channel();
            tokio::spawn(async move { sender.send(()).unwrap() });
            receiver.recv().unwrap();
        });
    }),
    ("rayon", "rayon, and a oneshot awaited", || {
        in_task(1, || async {
            let (sender, receiver) = oneshot::channel();
            rayon::spawn(|| sender.send(()).unwrap());
            receiver.await.unwrap();
        });
    }),
    ("local", "spawn_local", || {
        in_task(2, || async { drop(tokio::task::spawn_local(pause())) });
    }),
];
const IN_A_THREAD: [Way; 9] = [
    ("block_on", "Runtime::block_on", || one_thread().block_on(pause())),
    ("spawn", "tokio::spawn, no runtime", || {
        drop(tokio::spawn(pause()));
    }),
    ("sleep", "tokio’s sleep, no runtime", || {
        futures_executor::block_on(pause());
    }),
    ("bind", "tokio’s socket, no runtime", || {
        drop(futures_executor::block_on(TcpListener::bind("127.0.0.1:0")));
    }),
    ("from_a_task", "tokio::spawn, a task’s thread", || {
        in_task(2, || async {
            let spawns = thread::spawn(|| drop(tokio::spawn(pause())));
            let panic = spawns.join().expect_err("there is no runtime");
            std::panic::resume_unwind(panic);
        });
    }),
    ("entered", "tokio::spawn, Handle::enter first", || {
        let runtime = one_thread();
        let _entered = runtime.enter();
        let task = tokio::spawn(pause());
        runtime.block_on(task).unwrap();
    }),
    ("no_time", "sleep, without enable_time", || {
        Builder::new_current_thread().build().unwrap().block_on(pause());
    }),
    ("no_io", "a socket, without enable_io", || {
        let runtime = Builder::new_current_thread().build().unwrap();
        drop(runtime.block_on(TcpListener::bind("127.0.0.1:0")));
    }),
    ("handle", "Handle::block_on, nobody runs the loop", || {
        let runtime = one_thread();
        // It only lends its loop; somebody else must be in it.
        runtime.handle().block_on(pause());
    }),
];
const CASES: [(&str, &str, &[Way]); 2] = [
    ("task", "in a task", &IN_A_TASK),
    ("thread", "in a thread of one’s own", &IN_A_THREAD),
];

fn main() -> ExitCode {
    let question = "From threads into tasks and back: what works?";
    let mut experiment =
        Experiment::new("hidden_ways", question).baseline("none").observed();
    for (case, label, ways) in CASES {
        experiment = experiment.case(case, label);
        for &(name, label, _) in ways {
            experiment =
                experiment.variant(Kind::Task, name, label, move |run| {
                    tried(run, case, name)
                });
        }
    }
    experiment.child("try", attempt).run()
}

fn tried(run: &mut Run, case: &str, name: &str) -> String {
    let seen = watch(run, &[case, name]);
    let panics = seen.said.iter().find_map(|line| line.strip_prefix("! "));
    let works = seen.count("works") == 1 && !seen.is_stuck;
    run.metric("works", f64::from(works));
    run.metric("hangs", f64::from(seen.is_stuck));
    match (seen.is_stuck, panics) {
        (true, _) => "hangs".into(),
        (false, Some(said)) => format!("panics: {said}"),
        (false, None) => "works".into(),
    }
}

fn attempt(args: &[String]) {
    let (.., ways) = CASES.iter().find(|c| c.0 == args[0]).expect("a case");
    let (.., way) = ways.iter().find(|w| w.0 == args[1]).expect("a way");
    // What panics first says what is wrong; what panics of it is told, too.
    std::panic::set_hook(Box::new(|panic| {
        let said = panic.to_string();
        println!("! {}", said.lines().nth(1).unwrap_or_default());
    }));
    if caught(*way).is_ok() {
        println!("works");
    }
}

// ANCHOR: bridges
/// What is asynchronous, and called from everywhere.
async fn pause() {
    sleep(PAUSE).await;
}

/// A thread of its own calls it, and the task's thread waits for that one.
fn joined() {
    let handle = Handle::current();
    thread::spawn(move || handle.block_on(pause())).join().unwrap();
}
// ANCHOR_END: bridges

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a loop")
}

/// Does it in a task, on one thread or by several workers.
fn in_task<F>(workers: usize, work: fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let runtime = match workers {
        1 => one_thread(),
        _ => {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(workers).enable_all().build().unwrap()
        }
    };
    runtime.block_on(async { tokio::spawn(work()).await.unwrap() });
}
