//! The limit in every order that loom models: `src/limit.rs` itself, compiled
//! once more with loom's atomics in place of the standard library's, and one
//! that is broken.
//!
//! ```text
//! cargo test -p overload_model
//! ```

// The limits are public in their own crate.
#![allow(unreachable_pub)]

use loom::sync::Arc;
use loom::sync::atomic::AtomicUsize;
use loom::sync::atomic::Ordering::Relaxed;
use loom::thread;

use limit::Limit;
use two_steps::TwoSteps;

#[path = "../src/limit.rs"]
mod limit;
#[path = "../broken/two_steps.rs"]
mod two_steps;

mod sync {
    pub(crate) use loom::sync::Arc;
    pub(crate) use loom::sync::atomic::AtomicUsize;
}

/// Two come at the same time where one may be in flight, and leave.
macro_rules! two_come {
    ($limit:ident) => {
        loom::model(|| {
            let (limit, entered) =
                ($limit::of(1), Arc::new(AtomicUsize::new(0)));
            let come = {
                let (limit, entered) = (Arc::clone(&limit), entered);
                move || {
                    let Some(pass) = $limit::enter(&limit) else { return };
                    let before = entered.fetch_add(1, Relaxed);
                    assert_eq!(before, 0, "more in flight than may be");
                    entered.fetch_sub(1, Relaxed);
                    drop(pass);
                }
            };
            let other = thread::spawn(come.clone());
            come();
            other.join().unwrap();
            assert_eq!(limit.in_flight(), 0, "a pass is lost");
        })
    };
}

/// The limit as it is.
///
/// # Panics
/// When some order lets in a second, or loses a pass.
pub fn as_it_is() {
    two_come!(Limit);
}

/// It looks first, and counts afterwards.
///
/// # Panics
/// When a second is let in, as it is in some order.
pub fn in_two_steps() {
    two_come!(TwoSteps);
}
