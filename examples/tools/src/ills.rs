//! Eight ills, a storm of wake-ups, and a program that is well: each a process
//! that stays as it is for a while.

use std::io::{self, BufRead};
use std::process::exit;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Mutex as FairMutex, MutexGuard};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::mpsc;
use tokio::task::{spawn, spawn_blocking, yield_now};
use tokio::time::sleep;

use crate::polls::{self, watched};

/// It ends by itself after this time, whoever forgets it.
const LIFE: Duration = Duration::from_secs(15);
/// What one blocking call takes.
const CALL: Duration = Duration::from_millis(60);
const TICK: Duration = Duration::from_millis(10);

/// An ill: its name, what it is, and the runtime it has, if it has one.
pub type Ill = (&'static str, &'static str, fn() -> Option<Runtime>);

/// All of them, and last what they are compared with.
pub const ILLS: [Ill; 10] = [
    ("blocked", "a task blocks its worker", blocked),
    ("deadlock", "two threads, two locks", deadlock),
    ("convoy", "a lock is handed around", convoy),
    ("throttled", "a CPU quota is used up", throttled),
    ("sharing", "two counters in one cache line", sharing),
    ("pool", "all threads of a pool wait", pool),
    ("lost", "a task that nobody wakes", lost),
    ("live", "a task asks again and again", live),
    ("storm", "a wake-up for each message", storm),
    ("well", "nothing is wrong", well),
];

/// Falls ill, says `ready`, and answers questions about its runtime, until its
/// input ends.
pub fn fall_ill(args: &[String]) {
    if args[1] == "polls" {
        polls::watch();
    }
    let (.., begin) = ILLS.iter().find(|ill| ill.0 == args[0]).expect("an ill");
    thread::spawn(|| {
        thread::sleep(LIFE);
        exit(0);
    });
    let runtime = begin();
    println!("ready");
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        let said = match (line.as_str(), &runtime) {
            ("metrics", Some(runtime)) => metrics(runtime.handle()),
            ("polls", Some(_)) => polled(),
            _ => "none".into(),
        };
        println!("{said}");
    }
    exit(0);
}

fn workers(n: usize, blocking: usize) -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(n).max_blocking_threads(blocking);
    builder.enable_time().build().expect("a runtime")
}

/// A task that wants to run every 10 ms.
async fn ticks() {
    loop {
        sleep(TICK).await;
    }
}

// ANCHOR: tasks
fn blocked() -> Option<Runtime> {
    async fn reads_a_file() {
        loop {
            thread::sleep(CALL); // stands for a driver that blocks
            sleep(TICK).await;
        }
    }
    let runtime = workers(1, 1);
    runtime.spawn(watched("ticks", ticks()));
    runtime.spawn(watched("reads_a_file", reads_a_file()));
    Some(runtime)
}

fn lost() -> Option<Runtime> {
    async fn waits_for_an_answer() {
        // Whoever waits here left no waker with anybody.
        std::future::poll_fn(|_| std::task::Poll::<()>::Pending).await;
    }
    let runtime = workers(1, 1);
    runtime.spawn(watched("ticks", ticks()));
    runtime.spawn(watched("waits_for_an_answer", waits_for_an_answer()));
    Some(runtime)
}

fn live() -> Option<Runtime> {
    #[inline(never)]
    fn is_there() -> bool {
        works(500) == 0
    }
    async fn waits_for_a_flag() {
        while !is_there() {
            yield_now().await;
        }
    }
    let runtime = workers(1, 1);
    runtime.spawn(watched("ticks", ticks()));
    runtime.spawn(watched("waits_for_a_flag", waits_for_a_flag()));
    Some(runtime)
}

fn pool() -> Option<Runtime> {
    fn asks_the_database() {
        thread::sleep(LIFE);
    }
    async fn serves() {
        spawn_blocking(asks_the_database).await.expect("an answer");
    }
    let runtime = workers(1, 2); // two threads, eight requests
    runtime.spawn(watched("ticks", ticks()));
    for _ in 0..8 {
        runtime.spawn(watched("serves", serves()));
    }
    Some(runtime)
}

fn storm() -> Option<Runtime> {
    async fn sends() {
        loop {
            // So little work, and two wake-ups for it.
            spawn_blocking(encodes).await.expect("a message");
        }
    }
    fn encodes() -> u64 {
        works(100)
    }
    let runtime = workers(1, 2);
    runtime.spawn(watched("ticks", ticks()));
    runtime.spawn(watched("sends", sends()));
    Some(runtime)
}
// ANCHOR_END: tasks

// ANCHOR: threads
fn deadlock() -> Option<Runtime> {
    let both = Arc::new(Barrier::new(2));
    let locks = [(); 2].map(|()| Arc::new(Mutex::new(0)));
    for i in 0..2 {
        let (both, locks) = (Arc::clone(&both), locks.clone());
        thread::spawn(move || takes_both(&both, &locks[i], &locks[1 - i]));
    }
    None
}

#[inline(never)]
fn takes_both(both: &Barrier, one: &Mutex<u32>, other: &Mutex<u32>) {
    let mut one = one.lock().expect("no panic");
    both.wait(); // each has one by now
    *one += *other.lock().expect("no panic");
}

fn convoy() -> Option<Runtime> {
    let lock = Arc::new(FairMutex::new(0));
    for _ in 0..4 {
        let lock = Arc::clone(&lock);
        thread::spawn(move || takes_turns(&lock));
    }
    None
}

#[inline(never)]
fn takes_turns(lock: &FairMutex<u64>) {
    loop {
        let mut held = lock.lock();
        *held += works(3000);
        MutexGuard::unlock_fair(held); // to whoever is first in line
        works(100);
    }
}

fn sharing() -> Option<Runtime> {
    let counters = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
    for i in 0..2 {
        let counters = Arc::clone(&counters);
        thread::spawn(move || counts(&counters[i]));
    }
    None
}

#[inline(never)]
fn counts(counter: &AtomicU64) {
    loop {
        counter.fetch_add(1, Relaxed);
    }
}
// ANCHOR_END: threads

/// The quota comes from outside.
fn throttled() -> Option<Runtime> {
    thread::spawn(computes);
    None
}

#[inline(never)]
fn computes() {
    loop {
        works(1000);
    }
}

/// Some of everything: a runtime with a task that ticks and one that serves, a
/// pool whose threads have nothing to do, and a thread that computes now and
/// then, and takes a lock that nobody else wants.
fn well() -> Option<Runtime> {
    let idle = Arc::new((Mutex::new(false), Condvar::new()));
    for _ in 0..2 {
        let idle = Arc::clone(&idle);
        thread::spawn(move || {
            let mut is_over = idle.0.lock().expect("no panic");
            while !*is_over {
                is_over = idle.1.wait(is_over).expect("no panic");
            }
        });
    }
    thread::spawn(|| {
        let lock = FairMutex::new(0);
        loop {
            let began = Instant::now();
            while began.elapsed() < TICK {
                *lock.lock() += works(300);
            }
            thread::park_timeout(TICK);
        }
    });
    let runtime = workers(1, 1);
    runtime.spawn(watched("ticks", ticks()));
    runtime.spawn(watched("serves", async {
        let (sender, mut requests) = mpsc::channel(1);
        spawn(watched("asks", async move {
            while sender.send(()).await.is_ok() {
                sleep(2 * TICK).await;
            }
        }));
        while requests.recv().await.is_some() {
            spawn_blocking(|| works(1000)).await.expect("an answer");
        }
    }));
    Some(runtime)
}

/// Some steps that cannot be folded.
#[inline(never)]
fn works(steps: u64) -> u64 {
    (0..steps).fold(7, |x, _| std::hint::black_box(x) * 48271 % 2_147_483_647)
}

/// For so long the runtime is watched.
const WINDOW: Duration = Duration::from_millis(150);

// ANCHOR: metrics
/// What the runtime tells of itself, over a window. One worker.
fn metrics(runtime: &Handle) -> String {
    let look = || {
        let metrics = runtime.metrics();
        let busy = metrics.worker_total_busy_duration(0);
        (metrics.num_alive_tasks(), busy, metrics.worker_park_count(0))
    };
    let ((_, busy, parks), began) = (look(), Instant::now());
    thread::sleep(WINDOW);
    let (alive, busy_now, parks_now) = look();
    let share = (busy_now - busy).div_duration_f64(began.elapsed());
    let parks = (parks_now - parks) as f64 / began.elapsed().as_secs_f64();
    format!("{alive} {share} {parks}")
}
// ANCHOR_END: metrics

/// What the futures' wrappers tell, over a window: `name polls-per-second
/// longest-ms ago-ms` for each, with `;` in between.
fn polled() -> String {
    let before = polls::seen();
    thread::sleep(WINDOW);
    let after = polls::seen();
    let told = before.iter().zip(&after).map(|(then, now)| {
        let rate = (now.polls - then.polls) as f64 / WINDOW.as_secs_f64();
        format!("{} {rate} {} {}", now.name, now.longest_ms, now.ago_ms)
    });
    told.collect::<Vec<_>>().join(";")
}
