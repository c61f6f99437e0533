//! What the loop shares with other threads, in every order in which they can
//! meet: `src/ready.rs` itself, compiled once more with loom's locks and flags
//! in place of the standard library's.
//!
//! Loom runs a model again and again, each time with another interleaving,
//! until it has tried all of them. A wake-up that is lost shows as a deadlock:
//! the loop sleeps, and nobody is left to ring.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
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

/// How the model's loop treats a ticket when it polls the task.
#[derive(Clone, Copy)]
enum Begin {
    BeforePolling,
    AfterPolling,
}

const TASK: usize = 7;

/// A loop whose one task is done when it has seen a number, and another thread
/// that sets the number `times` and wakes the task each time.
fn loop_and_waker(begin: Begin, times: usize) {
    let ready = Arc::new(Ready::new(ModelBell::new()));
    let ticket = Arc::new(Ticket::new(TASK, &ready));
    let number = Arc::new(AtomicUsize::new(0));

    let waker = {
        let (ticket, number) = (Arc::clone(&ticket), Arc::clone(&number));
        thread::spawn(move || {
            for n in 1..=times {
                number.store(n, Relaxed);
                ticket.call();
            }
        })
    };

    let mut turn = VecDeque::new();
    'turns: loop {
        ready.take_all(&mut turn);
        for task in turn.drain(..) {
            assert_eq!(task, TASK);
            if let Begin::BeforePolling = begin {
                ticket.begin();
            }
            if number.load(Relaxed) == times {
                break 'turns;
            }
            if let Begin::AfterPolling = begin {
                ticket.begin();
            }
        }
        if ready.fall_asleep() {
            ready.bell().wait();
        }
        ready.wake_up();
    }
    waker.join().unwrap();
}

/// What loom says when it finds an order that goes wrong.
fn found(model: impl Fn() + Sync + Send + 'static) -> String {
    let said = catch_unwind(AssertUnwindSafe(|| loom::model(model)));
    let said = said.expect_err("no order goes wrong");
    match said.downcast_ref::<String>() {
        Some(text) => text.clone(),
        None => said.downcast_ref::<&str>().unwrap_or(&"").to_string(),
    }
}

#[test]
fn no_wake_up_is_lost_in_any_order() {
    loom::model(|| loop_and_waker(Begin::BeforePolling, 2));
}

#[test]
fn wakers_on_two_threads_wake_a_task_once_or_twice_and_never_not() {
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

#[test]
fn a_ticket_that_is_freed_after_polling_loses_a_wake_up() {
    let said = found(|| loop_and_waker(Begin::AfterPolling, 2));
    assert!(said.contains("deadlock"), "{said}");
}

#[test]
fn a_loop_that_asks_first_and_then_sleeps_loses_a_wake_up() {
    let said = found(|| {
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
    assert!(said.contains("deadlock"), "{said}");
}

#[test]
fn a_mark_that_is_taken_off_by_a_store_loses_a_wake_up() {
    let said = found(|| {
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
    assert!(said.contains("deadlock"), "{said}");
}
