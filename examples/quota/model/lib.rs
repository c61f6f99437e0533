//! The barrier in every order of its threads that loom models:
//! `src/barrier.rs` itself, compiled once more with loom's locks and atomics in
//! place of the standard library's.
//!
//! ```text
//! cargo test -p quota_model
//! ```
//!
//! Who looks again and again must tell loom by a yield, or it would try looking
//! for good.

// The parts are public in their own crate.
#![allow(unreachable_pub, dead_code)]

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

#[path = "../src/barrier.rs"]
mod barrier;
#[path = "../broken/counts_too_late.rs"]
mod counts_too_late;
#[path = "../broken/opens_unlocked.rs"]
mod opens_unlocked;
mod sync {
    pub(crate) use loom::sync::atomic::AtomicUsize;
    pub(crate) use loom::sync::{Condvar, Mutex};
    pub(crate) use loom::thread::yield_now;
    /// Another's turn: without it a loop that waits would never end.
    pub(crate) use loom::thread::yield_now as spin_loop;
}

use barrier::{Barrier, Way};

/// Two threads meet twice, and nobody goes on before the other has come.
fn two_meet_twice<B: Sync + Send + 'static>(
    new: fn(usize) -> B,
    meet: fn(&B, Way),
    way: Way,
) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(move || {
        let all =
            Arc::new((new(2), [AtomicUsize::new(0), AtomicUsize::new(0)]));
        let flow = move |me: usize, all: &(B, [AtomicUsize; 2])| {
            for round in 1..=2 {
                all.1[me].store(round, Ordering::Relaxed);
                meet(&all.0, way);
                let other = all.1[1 - me].load(Ordering::Relaxed);
                assert!(other >= round, "went on before the other came");
            }
        };
        let other = {
            let all = Arc::clone(&all);
            thread::spawn(move || flow(1, &all))
        };
        flow(0, &all);
        other.join().unwrap();
    });
}

/// The barrier, by a way of waiting.
///
/// # Panics
/// When in some order one goes on too early, or never.
pub fn nobody_is_ahead(way: fn() -> Way) {
    two_meet_twice(
        Barrier::new,
        |barrier, way| barrier.meet(way, || {}),
        way(),
    );
}

/// Those ways.
pub const WAYS: [fn() -> Way; 4] =
    [|| Way::Spin, || Way::Yield, || Way::Briefly(1), || Way::Sleep];

/// WRONG: opens, and counts anew when the others are back already.
///
/// # Panics
/// When loom finds the one who takes itself for the last.
pub fn counts_too_late() {
    use counts_too_late::Barrier;
    two_meet_twice(Barrier::new, |barrier, _| barrier.meet(), Way::Sleep);
}

/// WRONG: opens without the lock under which others look and fall asleep.
///
/// # Panics
/// When loom finds the wake-up that is lost.
pub fn opens_unlocked() {
    use opens_unlocked::Barrier;
    two_meet_twice(Barrier::new, |barrier, _| barrier.meet(), Way::Sleep);
}
