//! The two accounts under loom: a test runs again and again, until the mover
//! has been stopped at every point where another thread could notice.
//!
//! ```text
//! cargo test -p preemptive_model
//! ```
#![cfg(test)]

use std::panic::catch_unwind;

use loom::sync::Arc;
use loom::thread;
use pair::{COINS, Pair};

/// The accounts themselves, as the experiment has them.
#[path = "../pair.rs"]
mod pair;

mod sync {
    pub(crate) use loom::sync::atomic::AtomicI64;
    pub(crate) use loom::sync::atomic::Ordering::Relaxed;
    pub(crate) use loom::sync::{Mutex, MutexGuard};
}

/// A mover takes two steps while an auditor looks once. The auditor is a thread
/// of its own: loom 0.7.2 tried a single order when the main thread looked.
fn look(mover_locks: bool, auditor_locks: bool) {
    loom::model(move || {
        let pair = Arc::new(Pair::new());
        let (moved, seen) = (Arc::clone(&pair), Arc::clone(&pair));
        let mover = thread::spawn(move || {
            for _ in 0..2 {
                let _whole = mover_locks.then(|| moved.whole());
                moved.take();
                moved.put();
            }
        });
        let auditor = thread::spawn(move || {
            let _whole = auditor_locks.then(|| seen.whole());
            assert_eq!(seen.sum(), COINS, "a coin is on its way");
        });
        mover.join().unwrap();
        auditor.join().unwrap();
        assert_eq!(pair.sum(), COINS, "a coin is lost");
    });
}

#[test]
fn a_locked_pair_is_seen_whole_wherever_its_mover_is_stopped() {
    look(true, true);
}

/// The planted bugs: loom must find an order that shows the coin.
fn is_seen(mover_locks: bool, auditor_locks: bool) {
    let broken = catch_unwind(|| look(mover_locks, auditor_locks));
    let text = *broken.unwrap_err().downcast::<String>().unwrap();
    assert!(text.contains("a coin is on its way"), "{text}");
}

#[test]
fn without_a_lock_some_order_shows_a_coin_on_its_way() {
    is_seen(false, false);
}

#[test]
fn a_lock_that_only_the_mover_takes_hides_nothing() {
    is_seen(true, false);
}

#[test]
fn a_lock_that_only_the_auditor_takes_hides_nothing() {
    is_seen(false, true);
}
