//! Every starter fails its test, every solution passes it.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use lab::testing::fails;
use rayon::ThreadPoolBuilder;
use tokio::runtime::Builder;

#[path = "../exercises/deal_solution.rs"]
mod deal_solution;
#[path = "../exercises/deal_starter.rs"]
mod deal_starter;
#[path = "../exercises/given_up_solution.rs"]
mod given_up_solution;
#[path = "../exercises/given_up_starter.rs"]
mod given_up_starter;
#[path = "../exercises/size_solution.rs"]
mod size_solution;
#[path = "../exercises/size_starter.rs"]
mod size_starter;

macro_rules! size {
    ($exercise:ident) => {
        || {
            let ms = Duration::from_millis;
            let threads = $exercise::threads;
            assert_eq!(threads(4, ms(5), ms(100), None), 84);
            assert_eq!(threads(2, ms(1), ms(1), None), 4);
            assert_eq!(threads(2, ms(3), ms(2), None), 4, "3.3, rounded up");
            assert_eq!(threads(8, ms(7), ms(0), None), 8, "nothing waits");
            assert_eq!(threads(4, ms(5), ms(100), Some(20)), 20);
            assert_eq!(threads(4, ms(0), ms(100), Some(20)), 20);
        }
    };
}

#[test]
fn threads_are_as_many_as_their_waiting_asks_for_and_the_database_allows() {
    fails(size!(size_starter));
    size!(size_solution)();
}

macro_rules! given_up {
    ($exercise:ident) => {
        || {
            let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
            let pool = Arc::new(pool);
            let runtime = Builder::new_current_thread().build().unwrap();
            let answer = runtime.block_on($exercise::compute(&pool, || 42));
            assert_eq!(answer, Some(42), "who waits gets it");

            // The pool's only thread is kept busy until we say so.
            let (go, wait) = channel::<()>();
            pool.spawn(move || _ = wait.recv());
            let done = Arc::new(AtomicBool::new(false));
            let (theirs, ours) = (Arc::clone(&done), Arc::clone(&pool));
            let task = runtime.spawn(async move {
                let work = move || theirs.store(true, Ordering::SeqCst);
                $exercise::compute(&ours, work).await
            });
            runtime.block_on(async {
                tokio::task::yield_now().await; // it hands its work over
                task.abort();
                let _ = task.await;
            });
            drop(go);
            pool.install(|| ()); // behind all that was sent before
            let done = done.load(Ordering::SeqCst);
            assert!(!done, "it was computed for nobody");
        }
    };
}

#[test]
fn what_nobody_waits_for_is_not_computed() {
    fails(given_up!(given_up_starter));
    given_up!(given_up_solution)();
}

macro_rules! deal {
    ($exercise:ident) => {
        || {
            let mut dealer = $exercise::Dealer::new(3);
            let first: BTreeSet<_> = (0..3).map(|_| dealer.deal()).collect();
            assert_eq!(first.len(), 3, "each gets one");
            // One is held up, and the others are done with theirs.
            dealer.done(0);
            dealer.done(1);
            for _ in 0..10 {
                let which = dealer.deal();
                assert_ne!(which, 2, "it is held up");
                dealer.done(which);
            }
            let both: BTreeSet<_> = (0..2).map(|_| dealer.deal()).collect();
            assert_eq!(both.len(), 2, "in turn among equals");
        }
    };
}

#[test]
fn a_loop_that_is_held_up_gets_nothing_more() {
    fails(deal!(deal_starter));
    deal!(deal_solution)();
}
