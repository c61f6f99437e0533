//! The chapter's locks and channels under loom, a model checker, and small
//! programs for it to run in every order.
//!
//! Each program says by an assertion what must hold at its end; what locks
//! promise, the checker watches by itself.

// The files belong to another crate, and more of them than is used here; the
// lock that sleeps is compiled twice, around either lock.
#![allow(clippy::duplicate_mod, dead_code, unreachable_pub)]

use std::sync::Arc;

use loom::sync::Mutex;
use loom::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use loom::thread;

use broken::{CheckThenSet, LostWake, NoOrder};
use park::ParkLock;
use queue::Queue;
use ring::ring_after;
use the_spin_lock::SpinLock;

#[path = "../broken/mod.rs"]
mod broken;
#[path = "../src/park.rs"]
mod park;
#[path = "../src/queue.rs"]
mod queue;
#[path = "../src/ring.rs"]
mod ring;
#[path = "../src/spin.rs"]
mod the_spin_lock;

/// What they are made of: the checker's, in place of the standard library's.
mod sync {
    pub use loom::cell::UnsafeCell;
    pub use loom::hint::spin_loop;
    pub use loom::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize};
    pub use loom::sync::{Arc, Condvar, Mutex};
    pub use loom::thread::{Thread, current, park, yield_now};
    /// In which line of cache something lies is nothing to the checker.
    pub use std::boxed::Box as CachePadded;
}

/// The lock that sleeps as the book prints it, a spin lock inside.
#[path = "."]
mod as_printed {
    #[path = "../src/park.rs"]
    pub(crate) mod park;
    pub(crate) use crate::the_spin_lock as spin;
}

/// Two locks have a spin lock inside. For more than two threads a lock that
/// sleeps stands for it here, or the checker would have to follow threads that
/// spin in every order that it models.
mod spin {
    use crate::sync::Mutex;

    pub struct SpinLock<T>(Mutex<T>);

    impl<T> SpinLock<T> {
        pub fn new(value: T) -> SpinLock<T> {
            SpinLock(Mutex::new(value))
        }

        pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
            work(&mut self.0.lock().unwrap())
        }
    }
}

/// Three threads take a turn under a lock, each in its own time.
macro_rules! three_turns {
    ($lock:path) => {{
        use $lock as Lock;
        let lock = Arc::new(Lock::new(0));
        let shared = Arc::clone(&lock);
        turns(2, move || shared.with(|n| *n += 1));
        assert!(lock.with(|n| *n) == 3, "a turn is lost");
    }};
}

/// The same, and one is woken that may not be asleep.
macro_rules! three_turns_startled {
    ($lock:path) => {{
        use $lock as Lock;
        let lock = Arc::new(Lock::new(0));
        let turn = {
            let lock = Arc::clone(&lock);
            move || lock.with(|n| *n += 1)
        };
        let others = [turn.clone(), turn.clone()].map(thread::spawn);
        others[0].thread().unpark();
        turn();
        for other in others {
            other.join().unwrap();
        }
        assert!(lock.with(|n| *n) == 3, "a turn is lost");
    }};
}

/// The programs: a name, what each is about, and the program.
pub const MODELS: [(&str, &str, fn()); 12] = [
    ("load_store", "a load, then a store", load_store),
    ("broken_check", "lock: looks, then takes", broken_check),
    ("broken_order", "lock: orders nothing", broken_order),
    ("broken_wake", "lock: sleeps for good", broken_wake),
    ("spin", "lock: asking again", spin),
    ("park", "lock: asleep, three threads", park),
    ("park_as_printed", "lock: asleep, a spin lock inside", park_as_printed),
    ("queue", "channel: a lock inside", queue),
    ("ring", "channel: a ring of slots", ring_of_slots),
    ("deadlock", "locks in opposite orders", deadlock),
    ("two_sections", "looks, lets go, takes", two_sections),
    ("unasked", "the same, nothing asserted", unasked),
];

// ANCHOR: spin
/// So many threads besides this one, and each of them takes a turn.
fn turns(others: usize, turn: impl Fn() + Clone + 'static) {
    let start = |_| thread::spawn(turn.clone());
    let others: Vec<_> = (0..others).map(start).collect();
    turn();
    for other in others {
        other.join().unwrap();
    }
}

pub(crate) fn spin() {
    let lock = Arc::new(SpinLock::new(0));
    let shared = Arc::clone(&lock);
    turns(1, move || shared.with(|n| *n += 1));
    assert!(lock.with(|n| *n) == 2, "a turn is lost");
}
// ANCHOR_END: spin

pub(crate) fn load_store() {
    let number = Arc::new(AtomicUsize::new(0));
    let shared = Arc::clone(&number);
    turns(1, move || shared.store(shared.load(Relaxed) + 1, Relaxed));
    assert!(number.load(Relaxed) == 2, "a turn is lost");
}

pub(crate) fn broken_check() {
    let lock = Arc::new(CheckThenSet::new(0));
    turns(1, move || lock.with(|n| *n += 1));
}

pub(crate) fn broken_order() {
    let lock = Arc::new(NoOrder::new(0));
    turns(1, move || lock.with(|n| *n += 1));
}

pub(crate) fn broken_wake() {
    let lock = Arc::new(LostWake::new(0));
    turns(1, move || lock.with(|n| *n += 1));
}

pub(crate) fn park() {
    three_turns!(ParkLock);
}

/// Two threads, since with three of them those that spin take it too long.
pub(crate) fn park_as_printed() {
    let lock = Arc::new(as_printed::park::ParkLock::new(0));
    let shared = Arc::clone(&lock);
    turns(1, move || shared.with(|n| *n += 1));
    assert!(lock.with(|n| *n) == 2, "a turn is lost");
}

/// Three turns, and somebody wakes the first thread for no reason. The
/// checker's `park` would not return by itself, as the real one may.
pub fn startled() {
    three_turns_startled!(ParkLock);
}

/// The lock that sleeps with a line changed, by `build.rs`.
pub mod planted {
    use super::*;

    macro_rules! planted {
        ($($name:ident)*) => {$(
            /// See `build.rs`.
            #[allow(unused_imports)]
            pub mod $name {
                use super::*;

                mod lock {
                    use super::spin;

                    include!(concat!(
                        env!("OUT_DIR"), "/", stringify!($name), ".rs"
                    ));
                }

                /// Three threads take a turn.
                pub fn turns() {
                    use super::super::turns;
                    three_turns!(lock::ParkLock);
                }

                /// The same, and one is woken for no reason.
                pub fn startled() {
                    three_turns_startled!(lock::ParkLock);
                }
            }
        )*};
    }

    planted!(take_relaxed let_go_relaxed wanted_relaxed stays_listed);
}

pub(crate) fn queue() {
    let queue = Arc::new(Queue::default());
    let senders = [1, 2].map(|n| {
        let queue = Arc::clone(&queue);
        thread::spawn(move || queue.push(n))
    });
    assert!(queue.pop() + queue.pop() == 3, "an item is lost");
    for sender in senders {
        sender.join().unwrap();
    }
}

/// One slot, so that both sides have to wait, and counters that wrap meanwhile.
pub(crate) fn ring_of_slots() {
    let (mut sender, mut receiver) = ring_after(1, usize::MAX);
    let sending = thread::spawn(move || (1..=2).for_each(|n| sender.send(n)));
    assert!(receiver.receive() == 1, "the first is not the first");
    assert!(receiver.receive() == 2, "the second is not the second");
    sending.join().unwrap();
}

pub(crate) fn deadlock() {
    let a = Arc::new(Mutex::new(100));
    let b = Arc::new(Mutex::new(100));
    let (a2, b2) = (Arc::clone(&a), Arc::clone(&b));
    let there = thread::spawn(move || {
        let (mut a, mut b) = (a2.lock().unwrap(), b2.lock().unwrap());
        (*a, *b) = (*a - 1, *b + 1);
    });
    let (mut b, mut a) = (b.lock().unwrap(), a.lock().unwrap());
    (*a, *b) = (*a + 1, *b - 1);
    drop((a, b));
    there.join().unwrap();
}

/// Looks in one turn and takes in another. The lock is right, the program is
/// not.
fn withdraw(account: &Mutex<i64>) {
    let enough = *account.lock().unwrap() >= 100;
    if enough {
        *account.lock().unwrap() -= 100;
    }
}

pub(crate) fn two_sections() {
    assert!(withdrawn_twice() >= 0, "the account is overdrawn");
}

pub(crate) fn unasked() {
    withdrawn_twice();
}

fn withdrawn_twice() -> i64 {
    let account = Arc::new(Mutex::new(100));
    let shared = Arc::clone(&account);
    let other = thread::spawn(move || withdraw(&shared));
    withdraw(&account);
    other.join().unwrap();
    *account.lock().unwrap()
}
