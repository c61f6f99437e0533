//! The ticket lock in every order that loom models: `src/ticket.rs` itself,
//! compiled once more with loom's atomics in place of the standard library's,
//! and two that are broken.
//!
//! ```text
//! cargo test -p fair_model
//! ```

// The locks are public in their own crate.
#![allow(unreachable_pub, dead_code)]

use loom::sync::Arc;
use loom::thread;

use ticket::TicketLock;
use ticket_no_order::NoOrder;
use ticket_same_number::SameNumber;

#[path = "../src/ticket.rs"]
mod ticket;
#[path = "../broken/ticket_no_order.rs"]
mod ticket_no_order;
#[path = "../broken/ticket_same_number.rs"]
mod ticket_same_number;

mod sync {
    pub(crate) use loom::cell::UnsafeCell;
    pub(crate) use loom::hint::spin_loop;
    pub(crate) use loom::sync::atomic::AtomicUsize;
}

/// Two threads take so many turns each, one after the other.
macro_rules! turns {
    ($lock:ident, $turns:expr) => {
        loom::model(|| {
            let lock = Arc::new($lock::new(0));
            let shared = Arc::clone(&lock);
            let other = thread::spawn(move || {
                (0..$turns).for_each(|_| shared.with(|n| *n += 1));
            });
            (0..$turns).for_each(|_| lock.with(|n| *n += 1));
            other.join().unwrap();
            assert_eq!(lock.with(|n| *n), 2 * $turns, "a turn is lost");
        })
    };
}

/// The lock as it is, a turn for each.
///
/// # Panics
/// When some order loses a turn.
pub fn a_turn_each() {
    turns!(TicketLock, 1);
}

/// Two turns for each. A third thread would be too many: of those that spin,
/// loom says that it "exceeded maximum number of branches".
///
/// # Panics
/// When some order loses a turn.
pub fn two_turns_each() {
    turns!(TicketLock, 2);
}

/// Its number taken in two steps.
///
/// # Panics
/// When two threads are inside, as they are in some order.
pub fn same_number() {
    turns!(SameNumber, 1);
}

/// The next number called without `Release`.
///
/// # Panics
/// When a thread does not see what the last one did inside.
pub fn no_order() {
    turns!(NoOrder, 1);
}
