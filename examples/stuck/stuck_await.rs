//! What is held, or waited for, across an await. Who gets done?
//!
//! Run:  cargo run --example stuck_await
//! See:  a guard that blocks its thread, held across an await, stops a loop of
//!       one worker for good, and one of two where the wrong worker sleeps.
//!       With tokio's mutex, or let go before the await, all get done. A
//!       lock's future that is in line and no longer polled keeps the lock. A
//!       foreign `block_on` in a task gets exactly 128 messages of 200.
//!
//! Each way is tried in a child process, which is ended when all of its threads
//! have slept for 200 ms.

// That is what the experiment is about; Clippy warns of it, unasked.
#![allow(clippy::await_holding_lock, clippy::await_holding_refcell_ref)]

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lab::testing::caught;
use lab::{Experiment, Kind, Run};
use stuck::lock::Lock;
use stuck::watch::watch;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::sync::{Mutex as AsyncMutex, oneshot};
use tokio::task::{
    block_in_place, spawn, spawn_blocking, unconstrained, yield_now,
};
use tokio::time::sleep;
use tokio::{join, select};

/// The lock is held for this long.
const HELD: Duration = Duration::from_millis(60);
/// And asked for after this: long before, or both timers end at once on a busy
/// machine, and tokio wakes a second worker.
const EARLIER: Duration = Duration::from_millis(20);
const MESSAGES: usize = 200;

type Way = (&'static str, &'static str, fn());

const GUARD: [Way; 7] = [
    ("one", "1 worker", || workers(1).block_on(one_wants())),
    ("spawned", "2 workers, who wants is new", || {
        workers(2).block_on(wants_when_it_is_held());
    }),
    ("timer", "2 workers, who wants was asleep", || {
        workers(2).block_on(one_wants());
    }),
    ("full", "2 workers, 2 want", || workers(2).block_on(two_want())),
    ("join", "std, join! of two", || one_thread().block_on(two_joined())),
    ("let_go", "std, let go before the await", || {
        one_thread().block_on(let_go_first());
    }),
    ("async_lock", "tokio's mutex, 1 worker", || {
        workers(1).block_on(asynchronous());
    }),
];
const CELL: [Way; 1] = [("join", "borrow_mut, join! of two", || {
    one_thread().block_on(two_borrow());
})];
const QUEUED: [Way; 3] = [
    ("neglected", "in line, no longer polled", || {
        one_thread().block_on(in_line(neglected));
    }),
    ("dropped", "in line, then dropped", || {
        one_thread().block_on(in_line(dropped));
    }),
    ("task", "in line, in a task of its own", || {
        one_thread().block_on(in_line(in_a_task));
    }),
];
const BLOCK_ON: [Way; 8] = [
    ("foreign", "futures::executor::block_on", || {
        in_task(|r| async { futures_executor::block_on(drain(r)) });
    }),
    ("unconstrained", "the same, without a budget", || {
        in_task(|r| async {
            futures_executor::block_on(unconstrained(drain(r)));
        });
    }),
    ("in_place", "the same, in block_in_place", || {
        in_task(|r| async {
            block_in_place(|| futures_executor::block_on(drain(r)));
        });
    }),
    ("spawn_blocking", "the same, in spawn_blocking", || {
        in_task(|r| async {
            let work = move || futures_executor::block_on(drain(r));
            spawn_blocking(work).await.unwrap();
        });
    }),
    ("awaits", "await", || in_task(drain)),
    ("own", "tokio's block_on", || {
        in_task(|r| async { Handle::current().block_on(drain(r)) });
    }),
    ("neighbor", "foreign, for a task of its thread", || {
        one_thread().block_on(for_a_neighbor());
    }),
    ("neighbor_2", "the same, two workers", || {
        workers(2).block_on(async { spawn(for_a_neighbor()).await.unwrap() });
    }),
];
const CASES: [(&str, &str, &[Way]); 4] = [
    ("guard", "a guard across an await", &GUARD),
    ("cell", "a RefCell across an await", &CELL),
    ("queued", "the future of a lock", &QUEUED),
    ("block_on", "block_on in a task", &BLOCK_ON),
];

fn main() -> ExitCode {
    let question = "Held or waited for across an await: who gets done?";
    let mut experiment =
        Experiment::new("stuck_await", question).baseline("none").observed();
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
    run.metric("stuck", f64::from(seen.is_stuck));
    if case == "block_on" {
        run.metric("messages", seen.count("got") as f64);
    }
    match (seen.is_stuck, panics) {
        (true, _) => "stuck".into(),
        (false, Some(said)) => format!("panics: {said}"),
        (false, None) => "done".into(),
    }
}

fn attempt(args: &[String]) {
    let (.., ways) = CASES.iter().find(|c| c.0 == args[0]).expect("a case");
    let (.., way) = ways.iter().find(|w| w.0 == args[1]).expect("a way");
    // What panics first says what is wrong; what panics of it is told, too.
    std::panic::set_hook(Box::new(|panic| {
        let said = panic.to_string();
        let said = said.lines().nth(1).unwrap_or_default();
        println!("! {}", said.split(". ").next().unwrap_or_default());
    }));
    let _told = caught(*way);
}

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a loop")
}

fn workers(n: usize) -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(n).enable_time().build().expect("workers")
}

// ANCHOR: guard
/// The guard may go from thread to thread, so the compiler lets it.
async fn holds(lock: Arc<Lock>, taken: oneshot::Sender<()>) {
    let _guard = lock.lock();
    taken.send(()).unwrap();
    sleep(HELD).await; // still held
}

async fn wants(lock: Arc<Lock>) {
    sleep(EARLIER).await;
    drop(lock.lock()); // blocks the worker, not the task
}

async fn one_wants() {
    let (lock, (taken, is_taken)) = (Arc::default(), oneshot::channel());
    let holds = spawn(holds(Arc::clone(&lock), taken));
    is_taken.await.unwrap();
    let wants = spawn(wants(lock));
    holds.await.unwrap();
    wants.await.unwrap();
}
// ANCHOR_END: guard

async fn two_want() {
    let (lock, (taken, is_taken)) = (Arc::default(), oneshot::channel());
    let holds = spawn(holds(Arc::clone(&lock), taken));
    is_taken.await.unwrap();
    let both = [(); 2].map(|()| spawn(wants(Arc::clone(&lock))));
    holds.await.unwrap();
    for wants in both {
        wants.await.unwrap();
    }
}

/// Who wants it is a new task, for which tokio wakes a worker, and that one
/// another.
async fn wants_when_it_is_held() {
    let (lock, (taken, is_taken)) = (Arc::default(), oneshot::channel());
    let holds = spawn(holds(Arc::clone(&lock), taken));
    is_taken.await.unwrap();
    std::thread::sleep(EARLIER); // both workers are asleep by then
    let wants = spawn(async move { drop(lock.lock()) });
    holds.await.unwrap();
    wants.await.unwrap();
}

// ANCHOR: joined
async fn adds(number: &Mutex<u32>) {
    let mut number = number.lock().unwrap();
    sleep(EARLIER).await;
    *number += 1;
}

async fn two_joined() {
    let number = Mutex::new(0);
    join!(adds(&number), adds(&number)); // two futures, one thread
}

async fn adds_at_once(number: &Mutex<u32>) {
    *number.lock().unwrap() += 1;
    sleep(EARLIER).await;
}
// ANCHOR_END: joined

async fn let_go_first() {
    let number = Mutex::new(0);
    join!(adds_at_once(&number), adds_at_once(&number));
}

async fn asynchronous() {
    let number = Arc::new(AsyncMutex::new(0));
    let adds = || {
        let number = Arc::clone(&number);
        spawn(async move {
            let mut number = number.lock().await;
            sleep(EARLIER).await;
            *number += 1;
        })
    };
    for added in [adds(), adds(), adds()] {
        added.await.unwrap();
    }
}

async fn two_borrow() {
    let number = RefCell::new(0);
    let adds = async || {
        let mut number = number.borrow_mut();
        yield_now().await;
        *number += 1;
    };
    join!(adds(), adds());
}

/// Somebody holds the lock while `asks` gets into line.
async fn in_line<F>(asks: impl FnOnce(Arc<AsyncMutex<u32>>) -> F)
where
    F: Future<Output = ()>,
{
    let lock = Arc::new(AsyncMutex::new(0));
    let held = Arc::clone(&lock).lock_owned().await;
    let holds = spawn(async move {
        let _held = held;
        sleep(HELD).await;
    });
    asks(lock).await;
    holds.await.unwrap();
}

// ANCHOR: queued
async fn neglected(lock: Arc<AsyncMutex<u32>>) {
    let mut in_line = pin!(lock.lock());
    select! {
        mut number = &mut in_line => *number += 1,
        () = sleep(EARLIER) => {
            // `in_line` is first in line, and nobody polls it.
            *lock.lock().await += 1;
        }
    }
}

async fn dropped(lock: Arc<AsyncMutex<u32>>) {
    select! {
        mut number = lock.lock() => *number += 1,
        () = sleep(EARLIER) => *lock.lock().await += 1,
    }
}

async fn in_a_task(lock: Arc<AsyncMutex<u32>>) {
    let own = Arc::clone(&lock);
    let mut in_line = spawn(async move { *own.lock().await += 1 });
    select! {
        added = &mut in_line => added.unwrap(),
        () = sleep(EARLIER) => *lock.lock().await += 1,
    }
}
// ANCHOR_END: queued

// ANCHOR: block_on
/// A channel that has all its messages already.
async fn in_task_with_messages<F>(work: fn(Receiver<usize>) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let (sender, receiver) = channel(MESSAGES);
    for n in 0..MESSAGES {
        sender.try_send(n).unwrap();
    }
    drop(sender);
    spawn(work(receiver)).await.unwrap();
}

async fn drain(mut receiver: Receiver<usize>) {
    while let Some(n) = receiver.recv().await {
        println!("got {n}");
    }
}
// ANCHOR_END: block_on

fn in_task<F>(work: fn(Receiver<usize>) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    workers(2).block_on(in_task_with_messages(work));
}

async fn for_a_neighbor() {
    let (answers, answer) = oneshot::channel();
    spawn(async move { answers.send(()).unwrap() });
    futures_executor::block_on(answer).unwrap();
    println!("got 1");
}
