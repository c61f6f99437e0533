//! Who stops and who is stopped, in every order that loom models, or as far as
//! a bound below says:
//! `src/stoppable.rs`, `src/token.rs` and `src/permits.rs` themselves, compiled
//! once more with loom's lock in place of the standard library's.
//!
//! ```text
//! cargo test -p cancelling_model
//! ```
//!
//! A wake-up or a permit that is lost shows as a deadlock: somebody waits, and
//! nobody is left to wake it.

// The parts are public in their own crate.
#![allow(unreachable_pub, dead_code)]

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use loom::future::block_on;
use loom::thread;

#[path = "../src/permits.rs"]
mod permits;
#[path = "../broken/permits_forget.rs"]
mod permits_forget;
#[path = "../src/stoppable.rs"]
mod stoppable;
#[path = "../broken/stoppable_asks_first.rs"]
mod stoppable_asks_first;
mod sync {
    pub(crate) use loom::sync::Mutex;
}
#[path = "../src/token.rs"]
mod token;

use stoppable::{Ended, stoppable};
use token::Token;

/// A future that would wait forever is stopped from another thread.
///
/// # Panics
/// When in some order it is not.
pub fn stopped_while_it_waits() {
    loom::model(|| {
        let (forever, stop) = stoppable(pending::<()>());
        let stops = thread::spawn(move || stop.stop());
        assert_eq!(block_on(forever), Err(Ended::Stopped));
        stops.join().unwrap();
    });
}

/// A future is stopped while what it waits for comes: it has its answer or was
/// stopped, and does not go on waiting.
///
/// # Panics
/// When in some order it does.
pub fn stopped_while_it_ends() {
    loom::model(|| {
        let token = Token::default();
        let waited_for = token.clone();
        let waits = async move { waited_for.canceled().await };
        let (waits, stop) = stoppable(waits);
        let stops = thread::spawn(move || stop.stop());
        let ends = thread::spawn(move || token.cancel());
        assert!(matches!(block_on(waits), Ok(()) | Err(Ended::Stopped)));
        stops.join().unwrap();
        ends.join().unwrap();
    });
}

/// Two wait for a token that a third cancels.
///
/// # Panics
/// When in some order one of them is not told.
pub fn canceled_for_all() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3); // all orders would take half a minute
    model.check(|| {
        let token = Token::default();
        let waits = || {
            let token = token.clone();
            thread::spawn(move || block_on(token.canceled()))
        };
        let other = waits();
        let (ours, cancels) = (token.clone(), token);
        let third = thread::spawn(move || cancels.cancel());
        block_on(ours.canceled());
        other.join().unwrap();
        third.join().unwrap();
        assert!(ours.is_canceled());
    });
}

/// One asks for the only permit and gives up, while another gives it back; then
/// somebody wants it.
macro_rules! given_up_when_its_turn_may_have_come {
    ($permits:ident) => {
        loom::model(|| {
            let permits = $permits::Permits::new(1);
            let held = block_on(permits.acquire());
            let gives_back = thread::spawn(move || drop(held));
            {
                // Dropped by a `select!`, say.
                let mut asked = pin!(permits.acquire());
                let mut nobody = Context::from_waker(Waker::noop());
                let _: Poll<_> = asked.as_mut().poll(&mut nobody);
            }
            block_on(permits.acquire());
            gives_back.join().unwrap();
        })
    };
}

/// With our semaphore.
///
/// # Panics
/// When some order leaves the permit to nobody.
pub fn given_up() {
    given_up_when_its_turn_may_have_come!(permits);
}

/// WRONG: with one that takes who gives up out of its queue, and no more.
///
/// # Panics
/// When loom finds the permit that is lost.
pub fn given_up_and_forgotten() {
    given_up_when_its_turn_may_have_come!(permits_forget);
}

/// WRONG: asks whether it was stopped, and then says whom to wake.
///
/// # Panics
/// When loom finds the wake-up that is lost.
pub fn stopped_in_between() {
    loom::model(|| {
        let shared = Arc::new(stoppable_asks_first::Shared::default());
        let stops = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.stop())
        };
        block_on(stoppable_asks_first::Stoppable(shared));
        stops.join().unwrap();
    });
}
