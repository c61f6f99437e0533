//! The two accounts under loom: a model runs again and again, in every order of
//! the threads' steps that loom knows of.
//!
//! ```text
//! cargo test -p preemptive_model
//! ```

use loom::sync::Arc;
use loom::thread;
use pair::{COINS, Pair};

/// The accounts themselves, as the experiment has them.
#[path = "../src/pair.rs"]
pub mod pair;

mod sync {
    pub(crate) use loom::sync::atomic::AtomicI64;
    pub(crate) use loom::sync::atomic::Ordering::Relaxed;
    pub(crate) use loom::sync::{Mutex, MutexGuard};
}

/// A mover takes two steps while an auditor looks once. The auditor is a thread
/// of its own: loom 0.7.2 tried a single order when the main thread looked.
///
/// # Panics
/// When some order shows a coin on its way.
pub fn look(mover_locks: bool, auditor_locks: bool) {
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
