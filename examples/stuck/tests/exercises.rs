//! Every starter fails its test, every solution passes it.
//!
//! What gets stuck is a thread of this process; its test gives it up after a
//! while, and it ends with the process.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub, clippy::await_holding_lock)]

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use lab::testing::fails;
use stuck::pool::Pool;
use tokio::join;
use tokio::runtime::Builder;
use tokio::sync::Mutex;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

#[path = "../exercises/cache_solution.rs"]
mod cache_solution;
#[path = "../exercises/cache_starter.rs"]
mod cache_starter;
#[path = "../exercises/impatient_solution.rs"]
mod impatient_solution;
#[path = "../exercises/impatient_starter.rs"]
mod impatient_starter;
#[path = "../exercises/tree_solution.rs"]
mod tree_solution;
#[path = "../exercises/tree_starter.rs"]
mod tree_starter;

/// Long beside what gets done, on a busy machine, too.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the work answers, unless it gets stuck.
fn gets_done<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    let (answers, answer) = mpsc::channel();
    // Nobody is there to be told if it comes too late.
    thread::spawn(move || answers.send(work()).unwrap_or_default());
    answer.recv_timeout(PATIENCE).expect("it is stuck")
}

macro_rules! tree {
    ($exercise:ident) => {
        || {
            use $exercise::{Tree, sum};
            let leaf = |number| Tree { number, below: vec![] };
            let branch = |n| Tree { number: n, below: vec![leaf(1), leaf(2)] };
            let tree = Tree { number: 10, below: vec![branch(3), branch(4)] };
            let answer = gets_done(move || {
                let pool = Pool::start(1);
                let own = pool.clone();
                let answer = pool.submit(move || sum(&own, tree)).wait();
                pool.close();
                answer
            });
            assert_eq!(answer, 23);
        }
    };
}

#[test]
fn a_tree_is_summed_up_by_a_pool_of_one_thread() {
    fails(tree!(tree_starter));
    tree!(tree_solution)();
}

macro_rules! cache {
    ($exercise:ident) => {
        || {
            let said = gets_done(|| {
                let cache = $exercise::Cache::default();
                let fetch = async |key| {
                    yield_now().await;
                    format!("page {key}")
                };
                let runtime = Builder::new_current_thread().build().unwrap();
                runtime.block_on(async {
                    let (one, other) =
                        join!(cache.get(7, fetch), cache.get(7, fetch));
                    let known = async |_| unreachable!("it is known");
                    (one, other, cache.get(7, known).await)
                })
            });
            let page = || "page 7".to_owned();
            assert_eq!(said, (page(), page(), page()));
        }
    };
}

#[test]
fn two_ask_a_cache_for_the_same_and_both_are_told() {
    fails(cache!(cache_starter));
    cache!(cache_solution)();
}

macro_rules! impatient {
    ($exercise:ident) => {
        || {
            let runtime =
                Builder::new_current_thread().enable_time().build().unwrap();
            let written = runtime.block_on(async {
                let log = Mutex::new(Vec::new());
                let step = Duration::from_millis(10);
                let holds = async {
                    let _log = log.lock().await;
                    sleep(3 * step).await;
                };
                let writes = $exercise::write(&log, "here", step);
                let both = async { join!(holds, writes) };
                timeout(PATIENCE, both).await.expect("it is stuck");
                log.into_inner()
            });
            assert_eq!(written, ["it took long", "here"]);
        }
    };
}

#[test]
fn who_has_waited_for_long_says_so_and_gets_its_turn() {
    fails(impatient!(impatient_starter));
    impatient!(impatient_solution)();
}
