//! Tasks read a balance, add one and write it back, with no lock. Is an update
//! ever lost?
//!
//! Run:  cargo run --example coop_no_lock
//! See:  none on one thread, as long as no await stands between reading and
//!       writing. With one there, nine in ten are lost; a lock held across it
//!       helps. On two worker threads updates are lost without any await.

use std::cell::Cell;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use lab::{Experiment, Kind, Run};
use tokio::sync::Mutex;
use tokio::task::{LocalSet, yield_now};

const TASKS: u64 = 10;
const EACH: u64 = 1_000;
const MANY: u64 = 5_000_000;

fn main() -> ExitCode {
    Experiment::new("coop_no_lock", "Do tasks need locks?")
        .baseline("no_await")
        .observed()
        .case("one_thread", "ten tasks on one thread")
        .variant(Kind::Task, "no_await", "no await in between", |run| {
            one_thread(run, no_await)
        })
        .variant(Kind::Task, "await_between", "await in between", |run| {
            one_thread(run, await_between)
        })
        .variant(Kind::Task, "locked", "a lock across the await", |run| {
            let lock = Rc::new(Mutex::new(()));
            one_thread(run, move |balance| locked(balance, Rc::clone(&lock)))
        })
        .case("two_workers", "two tasks on two worker threads")
        .variant(Kind::Thread, "no_await", "load, then store", |run| {
            two_workers(run, |balance| {
                balance.store(balance.load(Relaxed) + 1, Relaxed);
            })
        })
        .variant(Kind::Thread, "atomic", "fetch_add", |run| {
            two_workers(run, |balance| {
                balance.fetch_add(1, Relaxed);
            })
        })
        .run()
}

type Balance = Rc<Cell<u64>>;

// ANCHOR: no_await
async fn no_await(balance: Balance) {
    for _ in 0..EACH {
        let read = balance.get();
        balance.set(read + 1); // on this thread nobody else has run
        yield_now().await;
    }
}
// ANCHOR_END: no_await

// ANCHOR: await_between
async fn await_between(balance: Balance) {
    for _ in 0..EACH {
        let read = balance.get();
        yield_now().await; // everybody else has
        balance.set(read + 1);
    }
}
// ANCHOR_END: await_between

async fn locked(balance: Balance, lock: Rc<Mutex<()>>) {
    for _ in 0..EACH {
        let _held = lock.lock().await;
        let read = balance.get();
        yield_now().await; // others run, and wait for the lock
        balance.set(read + 1);
    }
}

fn one_thread<T: Future<Output = ()> + 'static>(
    run: &mut Run,
    task: impl Fn(Balance) -> T,
) -> String {
    let balance = Balance::default();
    let local = LocalSet::new();
    for _ in 0..TASKS {
        local.spawn_local(task(Rc::clone(&balance)));
    }
    cooperative::one_thread().block_on(local); // until all of them are done
    keep(run, balance.get(), TASKS * EACH)
}

fn two_workers(
    run: &mut Run,
    add_one: impl Fn(&AtomicU64) + Copy + Send + 'static,
) -> String {
    let shared = Arc::new((AtomicU64::new(0), AtomicUsize::new(0)));
    let workers = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .expect("tokio starts two workers");
    workers.block_on(async {
        let all = [(); 2].map(|()| {
            let shared = Arc::clone(&shared);
            tokio::spawn(async move {
                let (balance, there) = &*shared;
                meet(there);
                for _ in 0..MANY {
                    add_one(balance);
                }
            })
        });
        for task in all {
            task.await.expect("no task panics");
        }
    });
    keep(run, shared.0.load(Relaxed), 2 * MANY)
}

/// Waits for the other task, but not forever: it may have no core.
fn meet(there: &AtomicUsize) {
    there.fetch_add(1, Relaxed);
    let patience = Instant::now() + Duration::from_millis(100);
    while there.load(Relaxed) < 2 && Instant::now() < patience {
        std::hint::spin_loop();
    }
}

fn keep(run: &mut Run, counted: u64, expected: u64) -> String {
    let lost = (expected - counted) as f64;
    run.metric("lost", lost);
    run.metric("lost_share", lost / expected as f64);
    format!("{counted} of {expected}")
}
