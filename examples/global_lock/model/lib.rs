//! The global lock under loom: a check runs again and again, each time in
//! another order, until every order that its threads could run in was tried.

// The lock is part of a library, but not here, and not all of it is called.
#![allow(unreachable_pub, dead_code)]

use std::time::Duration;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;

/// The lock itself, as the chapter has it.
#[path = "../src/lock.rs"]
mod lock;

/// What the lock is made of here: loom's mutex and flag, and this.
mod sync {
    pub(crate) use loom::sync::atomic::{AtomicBool, Ordering};
    use loom::sync::{Arc, Condvar as Inner};
    pub(crate) use loom::sync::{Mutex, MutexGuard};
    use std::convert::Infallible;
    use std::sync::atomic::AtomicU64;
    use std::time::Duration;

    /// Loom has no time. An alarm clock stands in for it: a thread of its own
    /// that goes off at some moment, and loom tries them all. There are as
    /// many as the duration has nanoseconds; later waits have no end but a
    /// wake-up.
    pub(crate) struct Condvar {
        inner: Arc<Inner>,
        rung: Arc<AtomicBool>,
        clocks: AtomicU64,
    }

    pub(crate) struct Ended(bool);

    impl Ended {
        pub(crate) fn timed_out(&self) -> bool {
            self.0
        }
    }

    type Woken<T> = Result<T, Infallible>;

    impl Condvar {
        pub(crate) fn new() -> Condvar {
            Condvar {
                inner: Arc::new(Inner::new()),
                rung: Arc::new(AtomicBool::new(false)),
                clocks: AtomicU64::new(0),
            }
        }

        pub(crate) fn wait<'a, T>(
            &self,
            guard: MutexGuard<'a, T>,
        ) -> Woken<MutexGuard<'a, T>> {
            Ok(self.inner.wait(guard).unwrap())
        }

        pub(crate) fn wait_timeout<'a, T>(
            &self,
            guard: MutexGuard<'a, T>,
            patience: Duration,
        ) -> Woken<(MutexGuard<'a, T>, Ended)> {
            let clock = self.clocks.fetch_add(1, Ordering::Relaxed);
            if u128::from(clock) < patience.as_nanos() {
                let condvar = Arc::clone(&self.inner);
                let rung = Arc::clone(&self.rung);
                loom::thread::spawn(move || {
                    rung.store(true, Ordering::Relaxed);
                    condvar.notify_all();
                });
            }
            let guard = self.wait(guard)?;
            Ok((guard, Ended(self.rung.swap(false, Ordering::Relaxed))))
        }

        pub(crate) fn notify_one(&self) {
            self.inner.notify_one();
        }

        pub(crate) fn notify_all(&self) {
            self.inner.notify_all();
        }
    }
}

/// The checks, for one lock.
macro_rules! checks {
    ($($lock:tt)*) => {
        use super::*;
        use $($lock)*::GlobalLock;

        /// Two threads with two turns each. They count without an atomic
        /// addition, so that a turn shared or unseen loses a count; and loom
        /// reports it when all threads sleep.
        pub fn turns(alarms: u64) {
            let mut orders = loom::model::Builder::new();
            // With an alarm clock there are too many for all. Loom's authors
            // found that two or three interruptions are enough for most bugs.
            orders.preemption_bound = (alarms > 0).then_some(3);
            orders.check(move || {
                let lock = GlobalLock::new(Duration::from_nanos(alarms));
                let shared = Arc::new((lock, AtomicU32::new(0)));
                let other = Arc::clone(&shared);
                let other = thread::spawn(move || two_turns(&other));
                two_turns(&shared);
                other.join().unwrap();
                assert_eq!(shared.1.load(Ordering::Relaxed), 4, "lost a turn");
            });
        }

        fn two_turns((lock, count): &(GlobalLock, AtomicU32)) {
            let mut held = lock.hold();
            add_one(count);
            held.without(thread::yield_now);
            add_one(count);
        }

        fn add_one(count: &AtomicU32) {
            let seen = count.load(Ordering::Relaxed);
            count.store(seen + 1, Ordering::Relaxed);
        }

        /// Whoever gives way because it was asked finds, when it goes on,
        /// that the other had its turn.
        pub fn giving_way() {
            loom::model(|| {
                let lock = GlobalLock::new(Duration::from_nanos(1));
                let shared = Arc::new((lock, AtomicU32::new(0)));
                let mut held = shared.0.hold();
                let other = Arc::clone(&shared);
                let other = thread::spawn(move || {
                    let _held = other.0.hold();
                    add_one(&other.1);
                });
                thread::yield_now(); // time to be asked
                if held.is_asked() {
                    held.give_way();
                    let had = shared.1.load(Ordering::Relaxed);
                    assert_eq!(had, 1, "back before the other had its turn");
                    held.give_way(); // nobody asks any more
                }
                drop(held);
                other.join().unwrap();
            });
        }
    };
}

/// The lock as the chapter has it.
pub mod sound {
    checks!(super::lock);
}

/// A copy of the lock with a bug that `build.rs` put there.
macro_rules! planted {
    ($name:ident) => {
        #[allow(clippy::all, missing_docs)]
        pub mod $name {
            mod broken {
                include!(concat!(
                    env!("OUT_DIR"),
                    "/",
                    stringify!($name),
                    ".rs"
                ));
            }
            checks!(broken);
        }
    };
}

planted!(lost_wake_up);
planted!(no_second_look);
planted!(no_forced_switch);
planted!(silent_taker);
planted!(asked_for_ever);
