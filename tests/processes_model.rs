//! The lock and the baton, tried in every order of their steps that the memory
//! model allows (two flows, no bound; three flows, at most two preemptions).
//!
//! Each test has its opposite: a planted mistake that the checker must find.
//! The kernel's futex is a model too, and a faithful one as far as it goes: the
//! comparison and the falling asleep are one step, seen from a waker.

use std::process::Command;

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;
use processes::handover::{Baton, Lock, Word};

#[derive(Default)]
struct Modeled {
    value: AtomicU32,
    /// What the kernel locks while it looks at the word.
    queue: Mutex<()>,
    woken: Condvar,
}

impl Word for Modeled {
    fn load(&self) -> u32 {
        self.value.load(Ordering::Acquire)
    }

    fn store(&self, value: u32) {
        self.value.store(value, Ordering::Release);
    }

    fn swap(&self, value: u32) -> u32 {
        self.value.swap(value, Ordering::AcqRel)
    }

    fn change(&self, from: u32, to: u32) -> bool {
        let (done, failed) = (Ordering::Acquire, Ordering::Relaxed);
        self.value.compare_exchange(from, to, done, failed).is_ok()
    }

    fn sleep(&self, seen: u32) {
        let queue = self.queue.lock().unwrap();
        if self.value.load(Ordering::Relaxed) == seen {
            drop(self.woken.wait(queue).unwrap());
        }
    }

    fn wake(&self) {
        let _queue = self.queue.lock().unwrap();
        self.woken.notify_one();
    }
}

fn check(preemptions: Option<usize>, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = preemptions;
    builder.check(model);
}

/// Runs a planted mistake in a process of its own, since loom cannot always
/// unwind what it has stopped in mid-step; returns what loom says against it.
fn complaint(planted: &str) -> String {
    let out = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", planted, "--ignored", "--nocapture"])
        .output()
        .unwrap();
    assert!(!out.status.success(), "{planted} was not found");
    String::from_utf8_lossy(&out.stderr).into_owned()
}

/// `flows` of them increment a counter that is no atomic one, each under what
/// `locked` does around it.
fn count(flows: usize, locked: fn(&Lock<Modeled>, &mut dyn FnMut())) {
    let lock = Arc::new(Lock::<Modeled>::default());
    let counter = Arc::new(UnsafeCell::new(0));
    let increment = move |lock: &Lock<Modeled>, counter: &UnsafeCell<_>| {
        locked(lock, &mut || {
            // SAFETY: the lock is held, and loom tells if another has it, too.
            counter.with_mut(|n: *mut usize| unsafe { *n += 1 });
        });
    };
    let others: Vec<_> = (1..flows)
        .map(|_| {
            let (lock, counter) = (Arc::clone(&lock), Arc::clone(&counter));
            thread::spawn(move || increment(&lock, &counter))
        })
        .collect();
    increment(&lock, &counter);
    for other in others {
        other.join().unwrap();
    }
    // SAFETY: all others have ended.
    assert_eq!(counter.with(|n| unsafe { *n }), flows);
}

fn properly(lock: &Lock<Modeled>, work: &mut dyn FnMut()) {
    let _held = lock.lock();
    work();
}

#[test]
fn two_flows_never_hold_the_lock_together_and_none_sleeps_for_ever() {
    check(None, || count(2, properly));
}

#[test]
fn nor_do_three() {
    check(Some(2), || count(3, properly));
}

#[test]
fn waking_before_letting_go_is_caught() {
    assert!(complaint("planted_wakes_first").contains("deadlock"));
}

#[test]
#[ignore = "a mistake, for the test above"]
fn planted_wakes_first() {
    fn wakes_first(lock: &Lock<Modeled>, work: &mut dyn FnMut()) {
        std::mem::forget(lock.lock());
        work();
        if lock.0.load() == 2 {
            lock.0.wake();
        }
        lock.0.store(0);
    }
    check(None, || count(2, wakes_first));
}

#[test]
fn looking_and_then_taking_in_two_steps_is_caught() {
    let said = complaint("planted_takes_in_two_steps");
    assert!(said.contains("Causality violation"), "{said}");
}

#[test]
#[ignore = "a mistake, for the test above"]
fn planted_takes_in_two_steps() {
    fn in_two_steps(lock: &Lock<Modeled>, work: &mut dyn FnMut()) {
        if lock.0.load() == 0 {
            lock.0.store(1);
        } else {
            std::mem::forget(lock.lock());
        }
        work();
        lock.0.swap(0);
        lock.0.wake();
    }
    check(None, || count(2, in_two_steps));
}

/// A message goes there and comes back with one added.
fn round_trip(wait_for: fn(&Baton<Modeled>, u32)) {
    let baton = Arc::new(Baton::<Modeled>::default());
    let message = Arc::new(UnsafeCell::new(41));
    let (their_baton, their_message) = (Arc::clone(&baton), Arc::clone(&message));
    let other = thread::spawn(move || {
        wait_for(&their_baton, 1);
        // SAFETY: it is our turn, and loom tells if it is not.
        their_message.with_mut(|m| unsafe { *m += 1 });
        their_baton.pass_to(0);
    });
    baton.pass_to(1);
    wait_for(&baton, 0);
    // SAFETY: as above.
    assert_eq!(message.with(|m| unsafe { *m }), 42);
    other.join().unwrap();
}

#[test]
fn a_passed_baton_wakes_the_other_and_brings_the_message() {
    check(None, || round_trip(Baton::wait_for));
}

#[test]
fn falling_asleep_without_a_second_look_is_caught() {
    assert!(complaint("planted_looks_once").contains("deadlock"));
}

#[test]
#[ignore = "a mistake, for the test above"]
fn planted_looks_once() {
    fn looks_once(baton: &Baton<Modeled>, me: u32) {
        if baton.0.load() != me {
            // What is passed between the look and the sleep wakes nobody.
            let queue = baton.0.queue.lock().unwrap();
            drop(baton.0.woken.wait(queue).unwrap());
        }
    }
    check(None, || round_trip(looks_once));
}
