//! Two accounts, two locks, two threads that move money in opposite directions.
//!
//! Run:  cargo run --example lock_deadlock
//! See:  when each thread holds one lock and wants the other's, both wait for
//!       good, at no CPU time at all. A single transfer each way hardly ever
//!       comes to that, so a test would pass. The same order for all cures it;
//!       a lock that notes orders refuses the wrong one in every run.
//!
//! Every way is tried in a child process, which is killed when it has used no
//! CPU time for half a second.

use std::io::Read;
use std::process::{Child, ExitCode, ExitStatus, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use lab::{Experiment, Gate, Kind, Run, os, rerun_self};
use sharing::broken::LostWake;
use sharing::order::Ordered;

const PATIENCE: Duration = Duration::from_millis(500);
const OFTEN: u32 = 100_000;

type Account = Mutex<i64>;
type Way = (&'static str, &'static str, fn(&Account, &Account) -> String);

const WAYS: [Way; 7] = [
    ("opposite", "each holds one, wants the other", |a, b| {
        let meeting = Gate::of(2);
        both(
            || move_while(a, b, || meeting.wait()),
            || move_while(b, a, || meeting.wait()),
        )
    }),
    // Started one after the other, as a test would.
    ("once", "one transfer each way", |a, b| {
        both(|| move_while(a, b, || ()), || move_while(b, a, || ()))
    }),
    ("often", "100 000 transfers each way", |a, b| {
        often(|| move_while(a, b, || ()), || move_while(b, a, || ()))
    }),
    ("same_order", "often, one order for all", |a, b| {
        often(|| move_in_order(a, b, 1), || move_in_order(a, b, -1))
    }),
    ("try_lock", "often, let go and try again", |a, b| {
        often(|| move_or_let_go(a, b), || move_or_let_go(b, a))
    }),
    ("lost_wake", "one lock, a wake-up can be lost", |_, _| {
        let number = LostWake::new(0);
        let add = || number.with(|n| *n += 1);
        often(add, add)
    }),
    ("checker", "once, orders are noted", |_, _| checked()),
];

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "lock_deadlock",
        "Two locks, two threads, opposite orders: who gets done?",
    )
    .baseline("none")
    .observed();
    for (way, label, _) in WAYS {
        experiment = experiment
            .variant(Kind::Thread, way, label, move |run| observe(run, way));
    }
    experiment.child("try", |args| println!("{}", attempt(&args[0]))).run()
}

fn attempt(way: &str) -> String {
    let known = WAYS.iter().find(|known| known.0 == way);
    known.expect("one of the ways").2(&Mutex::new(100), &Mutex::new(100))
}

// ANCHOR: transfers
/// Broken: the order of the locks is the direction of the transfer.
fn move_while<R>(from: &Account, to: &Account, meanwhile: impl Fn() -> R) {
    let mut from = from.lock().unwrap();
    meanwhile();
    let mut to = to.lock().unwrap();
    *from -= 1;
    *to += 1;
}

/// Whatever the direction, `a` is locked before `b`.
fn move_in_order(a: &Account, b: &Account, amount: i64) {
    let mut a = a.lock().unwrap();
    let mut b = b.lock().unwrap();
    *a -= amount;
    *b += amount;
}

/// Never waits for a lock while it holds one.
fn move_or_let_go(from: &Account, to: &Account) {
    loop {
        let mut from = from.lock().unwrap();
        if let Ok(mut to) = to.try_lock() {
            *from -= 1;
            *to += 1;
            return;
        }
        drop(from);
        thread::yield_now();
    }
}
// ANCHOR_END: transfers

fn often(one: impl Fn() + Sync, other: impl Fn() + Sync) -> String {
    let gate = Gate::of(2);
    let often = |transfer: &dyn Fn()| {
        gate.wait();
        (0..OFTEN).for_each(|_| transfer());
    };
    both(|| often(&one), || often(&other))
}

fn both(one: impl Fn() + Sync, other: impl Fn() + Sync) -> String {
    thread::scope(|scope| {
        scope.spawn(&one);
        scope.spawn(&other);
    });
    "done".into()
}

/// One thread after the other, so nothing can go wrong in this run.
fn checked() -> String {
    let (a, b) = (Ordered::new("a", 100), Ordered::new("b", 100));
    let there = a.with(|a| b.with(|b| (*a, *b) = (*a - 1, *b + 1)));
    let back = b.with(|b| a.with(|a| (*a, *b) = (*a + 1, *b - 1)));
    match (there, back) {
        (Ok(Ok(())), Ok(Err(wrong))) => format!(
            "refused: {} is held, {} is wanted, and was held first before",
            wrong.held, wrong.wanted
        ),
        other => format!("not refused: {other:?}"),
    }
}

fn observe(run: &mut Run, way: &str) -> String {
    run.elsewhere();
    let mut child = rerun_self("try", &[way.to_owned()])
        .expect("our path")
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child process");
    let ended = gets_done(&mut child);
    run.stop_clock();
    run.metric("stuck", if ended.is_some() { 0.0 } else { 1.0 });
    let Some(status) = ended else {
        if let Some(used) = os::family_time(child.id()) {
            run.metric("used_ms", used.as_secs_f64() * 1e3);
        }
        child.kill().expect("a child to kill");
        child.wait().expect("a child that ends");
        return "both wait".into();
    };
    // What a child said that failed on the way is no answer.
    assert!(status.success(), "{way}: the child ended with {status}");
    let mut said = String::new();
    let mut out = child.stdout.take().expect("stdout is piped");
    out.read_to_string(&mut said).expect("text");
    said.trim().to_owned()
}

/// How it ends, if it does. A process that waits for itself uses no CPU time.
fn gets_done(child: &mut Child) -> Option<ExitStatus> {
    let (mut used, mut since) = (None, Instant::now());
    while since.elapsed() < PATIENCE {
        let ended = child.try_wait().expect("a child to wait for");
        if ended.is_some() {
            return ended;
        }
        let now = os::family_time(child.id());
        if now != used {
            (used, since) = (now, Instant::now());
        }
        thread::sleep(Duration::from_millis(2));
    }
    None
}
