//! Pools and orders of locks in every order that loom models, or as far as a
//! bound below says: `src/pool.rs` and `src/order.rs` themselves, compiled once
//! more with loom's locks in place of the standard library's.
//!
//! ```text
//! cargo test -p stuck_model
//! ```
//!
//! That somebody waits with nobody left to wake them, loom calls a deadlock.

// The parts are public in their own crate.
#![allow(unreachable_pub, dead_code)]

use loom::sync::{Arc, Mutex};
use loom::thread;

#[path = "../broken/help_looks_first.rs"]
mod help_looks_first;
#[path = "../src/order.rs"]
mod order;
#[path = "../broken/order_in_two_turns.rs"]
mod order_in_two_turns;
#[path = "../src/pool.rs"]
mod pool;
mod sync {
    pub(crate) use loom::sync::{Arc, Condvar, Mutex};
    pub(crate) use loom::thread::spawn;
}

use order::{Circle, Flow, Orders};
use pool::{Answer, Pool};

/// With two workers in every order with at most two switches that no thread had
/// to make: all of them would take too long.
fn in_orders(workers: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = (workers > 1).then_some(2);
    builder.check(model);
}

/// One request, two deep, in a pool of so many threads.
fn two_deep(size: usize, wait: fn(Answer<u32>) -> u32) {
    in_orders(size, move || {
        let pool = Pool::start(size);
        let own = pool.clone();
        let outer = pool.submit(move || wait(own.submit(|| 7)));
        assert_eq!(outer.wait(), 7);
        pool.close();
    });
}

/// A job waits for another of the same pool, and there is a thread for each.
///
/// # Panics
/// When in some order it does not get done.
pub fn waits_with_a_thread_to_spare() {
    two_deep(2, Answer::wait);
}

/// WRONG: with one thread for both.
///
/// # Panics
/// When loom finds that nobody can go on.
pub fn waits_for_its_own_thread() {
    two_deep(1, Answer::wait);
}

/// WRONG: two requests in a pool of two threads, which one gets done alone.
///
/// # Panics
/// When loom finds the order in which both are taken first.
pub fn two_wait_for_each_others_threads() {
    in_orders(2, || {
        let pool = Pool::start(2);
        let nested = || {
            let own = pool.clone();
            pool.submit(move || own.submit(|| 7).wait())
        };
        let (one, other) = (nested(), nested());
        assert_eq!(one.wait() + other.wait(), 14);
        pool.close();
    });
}

/// A job of the only thread helps.
///
/// # Panics
/// When in some order it does not get done.
pub fn helps_in_its_own_thread() {
    two_deep(1, Answer::help);
}

/// Two threads, each of which may take what the other waits for.
///
/// # Panics
/// When in some order it does not get done.
pub fn helps_beside_another() {
    two_deep(2, Answer::help);
}

/// WRONG: who helps looks in one turn and sleeps in another.
///
/// # Panics
/// When loom finds the wake-up that is lost.
pub fn helps_and_misses_the_end() {
    two_deep(2, help_looks_first::help);
}

/// Two locks, taken in opposite orders by two who ask before they wait.
fn opposite(wants: fn(&Flow, &'static str) -> Result<(), Circle>) {
    loom::model(move || {
        let orders = Orders::default();
        let locks = Arc::new((Mutex::new(0), Mutex::new(0)));
        let other = {
            let (orders, locks) = (orders.clone(), Arc::clone(&locks));
            thread::spawn(move || {
                let mut flow = Flow::new(&orders, None);
                wants(&flow, "b")?;
                let _b = locks.1.lock().unwrap();
                flow.holds("b");
                wants(&flow, "a")?;
                let _a = locks.0.lock().unwrap();
                Ok::<(), Circle>(())
            })
        };
        let one = || {
            let mut flow = Flow::new(&orders, None);
            wants(&flow, "a")?;
            let _a = locks.0.lock().unwrap();
            flow.holds("a");
            wants(&flow, "b")?;
            let _b = locks.1.lock().unwrap();
            Ok::<(), Circle>(())
        };
        let refused = usize::from(one().is_err())
            + usize::from(other.join().unwrap().is_err());
        assert_eq!(refused, 1, "refused");
    });
}

/// One of the two is refused, whoever comes first.
///
/// # Panics
/// When in some order both wait, or both are refused.
pub fn refuses_one_of_two() {
    opposite(|flow, wanted| flow.wants(wanted));
}

/// WRONG: asks in one turn and notes in another.
///
/// # Panics
/// When loom finds the order in which neither sees the other.
pub fn refuses_neither() {
    opposite(order_in_two_turns::wants);
}
