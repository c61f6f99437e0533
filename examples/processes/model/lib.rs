//! The lock and the baton, tried in every order of their steps that the memory
//! model allows (two flows, no bound; three flows, at most two preemptions):
//! `src/handover.rs` itself, on a word that is loom's.
//!
//! ```text
//! cargo test -p processes_model
//! ```
//!
//! The kernel's futex is a model too, and a faithful one as far as it goes: the
//! comparison and the falling asleep are one step, seen from a waker.

#[path = "../src/handover.rs"]
pub mod handover;

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

use handover::{Baton, Lock, Word};

/// A word to sleep on.
#[derive(Debug, Default)]
pub struct Modeled {
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

/// Does some work under the lock.
pub type Locked = fn(&Lock<Modeled>, &mut dyn FnMut());

/// `flows` of them increment a counter that is not atomic, each under what
/// `locked` does around it.
///
/// # Panics
/// When loom finds an order in which two of them meet, or one sleeps forever.
pub fn count(preemptions: Option<usize>, flows: usize, locked: Locked) {
    let increment = move |lock: &Lock<Modeled>, counter: &UnsafeCell<_>| {
        locked(lock, &mut || {
            // SAFETY: the lock is held, and loom tells if another has it, too.
            counter.with_mut(|n: *mut usize| unsafe { *n += 1 });
        });
    };
    check(preemptions, move || {
        let lock = Arc::new(Lock::<Modeled>::default());
        let counter = Arc::new(UnsafeCell::new(0));
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
    });
}

/// The right way.
pub fn properly(lock: &Lock<Modeled>, work: &mut dyn FnMut()) {
    let _held = lock.lock();
    work();
}

/// Wrong: wakes somebody who then finds the lock held, and sleeps again.
pub fn wakes_first(lock: &Lock<Modeled>, work: &mut dyn FnMut()) {
    std::mem::forget(lock.lock());
    work();
    if lock.0.load() == 2 {
        lock.0.wake();
    }
    lock.0.store(0);
}

/// Wrong: somebody else may take it between the look and the store.
pub fn takes_in_two_steps(lock: &Lock<Modeled>, work: &mut dyn FnMut()) {
    if lock.0.load() == 0 {
        lock.0.store(1);
    } else {
        std::mem::forget(lock.lock());
    }
    work();
    lock.0.swap(0);
    lock.0.wake();
}

/// A message goes there and comes back with one added; both sides wait for
/// their turn by `wait_for`.
///
/// # Panics
/// When loom finds an order in which it does not arrive.
pub fn round_trip(wait_for: fn(&Baton<Modeled>, u32)) {
    check(None, move || {
        let baton = Arc::new(Baton::<Modeled>::default());
        let message = Arc::new(UnsafeCell::new(41));
        let theirs = (Arc::clone(&baton), Arc::clone(&message));
        let other = thread::spawn(move || {
            let (baton, message) = theirs;
            wait_for(&baton, 1);
            // SAFETY: it is our turn, and loom tells if it is not.
            message.with_mut(|m| unsafe { *m += 1 });
            baton.pass_to(0);
        });
        baton.pass_to(1);
        wait_for(&baton, 0);
        // SAFETY: as above.
        assert_eq!(message.with(|m| unsafe { *m }), 42);
        other.join().unwrap();
    });
}

/// Wrong: what is passed between the look and the sleep wakes nobody.
pub fn looks_once(baton: &Baton<Modeled>, me: u32) {
    if baton.0.load() != me {
        let queue = baton.0.queue.lock().unwrap();
        drop(baton.0.woken.wait(queue).unwrap());
    }
}
