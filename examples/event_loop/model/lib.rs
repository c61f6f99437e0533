//! What the loop shares with other threads, in every order that loom models:
//! `src/ready.rs` itself, compiled once more with loom's locks and flags
//! in place of the standard library's.
//!
//! ```text
//! cargo test -p event_loop_model
//! ```
//!
//! Loom runs a model again and again, each time with another interleaving,
//! until it has tried all that it models. A wake-up that is lost shows as a
//! deadlock: the loop sleeps, and nobody is left to ring.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use loom::sync::atomic::AtomicUsize;
use loom::sync::{Condvar, Mutex};
use loom::thread;

#[path = "../broken/ready_asks_first.rs"]
mod asks_first;
#[path = "../src/ready.rs"]
mod ready;
#[path = "../broken/ticket_stores.rs"]
mod ticket_stores;
mod sync {
    pub(crate) use loom::sync::Mutex;
    pub(crate) use loom::sync::atomic::{AtomicBool, Ordering};
}

use ready::{Bell, Ready, Ticket};

/// What `Poller` is to the loop: `wait` sleeps until somebody has rung.
struct ModelBell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl ModelBell {
    fn new() -> ModelBell {
        ModelBell { rung: Mutex::new(false), changed: Condvar::new() }
    }

    fn wait(&self) {
        let mut rung = self.rung.lock().unwrap();
        while !*rung {
            rung = self.changed.wait(rung).unwrap();
        }
        *rung = false;
    }
}

impl Bell for ModelBell {
    fn ring(&self) {
        *self.rung.lock().unwrap() = true;
        self.changed.notify_one();
    }
}

const TASK: usize = 7;

/// When the model's loop takes the mark off a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// As the loop does it.
    BeforePolling,
    /// WRONG: a wake-up that arrives while the task is polled is not queued.
    AfterPolling,
}

/// A loop whose one task is done when it has seen a number, and another thread
/// that sets the number twice and wakes the task each time.
///
/// # Panics
/// When some order loses a wake-up.
pub fn loop_and_waker(begin: Begin) {
    loom::model(move || {
        let ready = Arc::new(Ready::new(ModelBell::new()));
        let ticket = Arc::new(Ticket::new(TASK, &ready));
        let number = Arc::new(AtomicUsize::new(0));

        let (theirs, sets) = (Arc::clone(&ticket), Arc::clone(&number));
        let waker = thread::spawn(move || {
            for n in 1..=2 {
                sets.store(n, Relaxed);
                theirs.call();
            }
        });
        let mut turn = VecDeque::new();
        'turns: loop {
            ready.take_all(&mut turn);
            for task in turn.drain(..) {
                assert_eq!(task, TASK);
                if begin == Begin::BeforePolling {
                    ticket.begin();
                }
                if number.load(Relaxed) == 2 {
                    break 'turns;
                }
                if begin == Begin::AfterPolling {
                    ticket.begin();
                }
            }
            if ready.fall_asleep() {
                ready.bell().wait();
            }
            ready.wake_up();
        }
        waker.join().unwrap();
    });
}

/// A task that is woken from two threads, and how often it is queued.
///
/// # Panics
/// When some order queues it twice or not at all.
pub fn two_wakers() {
    loom::model(|| {
        let ready = Arc::new(Ready::new(ModelBell::new()));
        let ticket = Arc::new(Ticket::new(TASK, &ready));
        let calls: Vec<_> = (0..2)
            .map(|_| {
                let ticket = Arc::clone(&ticket);
                thread::spawn(move || ticket.call())
            })
            .collect();
        for call in calls {
            call.join().unwrap();
        }
        let mut turn = VecDeque::new();
        ready.take_all(&mut turn);
        assert_eq!(turn, [TASK]);
    });
}

/// WRONG: a loop that asks whether anything is ready, and sleeps afterwards.
///
/// # Panics
/// When loom finds the wake-up that is lost.
pub fn asks_first() {
    loom::model(|| {
        let ready = Arc::new(asks_first::Ready::new());
        let bell = Arc::new(ModelBell::new());
        let (theirs, rings) = (Arc::clone(&ready), Arc::clone(&bell));
        let waker = thread::spawn(move || {
            if theirs.push(TASK) {
                rings.ring();
            }
        });
        while ready.take().is_none() {
            if ready.fall_asleep() {
                bell.wait();
            }
        }
        waker.join().unwrap();
    });
}

/// WRONG: a loop that takes the mark off a ticket by a store.
///
/// # Panics
/// When loom finds the wake-up that is lost.
pub fn stores_the_mark() {
    loom::model(|| {
        let ready = Arc::new(Ready::new(ModelBell::new()));
        let ticket = Arc::new(ticket_stores::Ticket::new());
        let number = Arc::new(AtomicUsize::new(0));
        let waker = {
            let (ready, ticket) = (Arc::clone(&ready), Arc::clone(&ticket));
            let number = Arc::clone(&number);
            thread::spawn(move || {
                for n in 1..=2 {
                    number.store(n, Relaxed);
                    if ticket.call() {
                        ready.push(TASK);
                    }
                }
            })
        };
        let mut turn = VecDeque::new();
        while number.load(Relaxed) < 2 {
            ready.take_all(&mut turn);
            turn.drain(..).for_each(|_| ticket.begin());
            if number.load(Relaxed) < 2 && ready.fall_asleep() {
                ready.bell().wait();
            }
            ready.wake_up();
        }
        waker.join().unwrap();
    });
}
