//! Every starter fails its test, every solution passes it.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub)]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use lab::testing::fails;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{spawn_blocking, yield_now};
use tokio::time::{sleep, timeout};

#[path = "../exercises/face_solution.rs"]
mod face_solution;
#[path = "../exercises/face_starter.rs"]
mod face_starter;
#[path = "../exercises/gate_solution.rs"]
mod gate_solution;
#[path = "../exercises/gate_starter.rs"]
mod gate_starter;
#[path = "../exercises/given_up_solution.rs"]
mod given_up_solution;
#[path = "../exercises/given_up_starter.rs"]
mod given_up_starter;

/// Long beside what gets done, on a busy machine, too.
const PATIENCE: Duration = Duration::from_secs(3);

fn one_thread(blocking: usize) -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().max_blocking_threads(blocking).build().unwrap()
}

macro_rules! gate {
    ($exercise:ident) => {
        || {
            let (began, done) =
                (Instant::now(), Arc::new(AtomicBool::new(false)));
            let too_late = PATIENCE / 4;
            // Each takes as long as the neighbor has not got its thread.
            let job = |n| -> $exercise::Job {
                let done = Arc::clone(&done);
                Box::new(move || {
                    while !done.load(SeqCst) && began.elapsed() < too_late {
                        std::thread::sleep(PATIENCE / 1_000);
                    }
                    n
                })
            };
            let jobs = (0..8).map(job).collect();
            one_thread(4).block_on(async {
                let all = tokio::spawn($exercise::all(jobs, 3));
                sleep(PATIENCE / 100).await; // it has begun
                let is_in_time = spawn_blocking(move || {
                    done.store(true, SeqCst);
                    began.elapsed() < too_late
                });
                assert!(is_in_time.await.unwrap());
                assert_eq!(all.await.unwrap(), [0, 1, 2, 3, 4, 5, 6, 7]);
            });
        }
    };
}

#[test]
fn a_pile_of_jobs_leaves_a_thread_to_its_neighbor() {
    fails(gate!(gate_starter));
    gate!(gate_solution)();
}

async fn answers_later() -> u32 {
    sleep(PATIENCE / 1_000).await;
    42
}

macro_rules! face {
    ($exercise:ident) => {
        || {
            assert_eq!($exercise::wait_for(answers_later()), 42);
            one_thread(1).block_on(async {
                let task = async { $exercise::wait_for(answers_later()) };
                assert_eq!(tokio::spawn(task).await.unwrap(), 42);
            });
        }
    };
}

#[test]
fn a_synchronous_face_works_in_a_task_too() {
    fails(face!(face_starter));
    face!(face_solution)();
}

/// Counts what is computed for somebody who gives up while the pool is taken.
fn computed_for_nobody(
    compute: impl AsyncFn(Arc<ThreadPool>, Arc<AtomicU32>) -> u32,
) -> u32 {
    let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let (pool, computed) = (Arc::new(pool), Arc::new(AtomicU32::new(0)));
    let (release, released) = mpsc::channel::<()>();
    pool.spawn(move || assert!(released.recv_timeout(PATIENCE).is_err()));
    one_thread(1).block_on(async {
        let gives_up = compute(Arc::clone(&pool), Arc::clone(&computed));
        assert!(timeout(PATIENCE / 100, gives_up).await.is_err());
        drop(release);
        yield_now().await;
        // The pool has one thread and does its jobs in some order: after two
        // more of them the one that was given up has had its turn.
        for _ in 0..2 {
            compute(Arc::clone(&pool), Arc::clone(&computed)).await;
        }
    });
    computed.load(SeqCst) - 2
}

macro_rules! given_up {
    ($exercise:ident) => {
        || {
            let compute = async |pool: Arc<_>, computed: Arc<AtomicU32>| {
                $exercise::compute(&pool, move || computed.fetch_add(1, SeqCst))
                    .await
            };
            assert_eq!(computed_for_nobody(compute), 0);
        }
    };
}

#[test]
fn nothing_is_computed_for_who_has_given_up() {
    fails(given_up!(given_up_starter));
    given_up!(given_up_solution)();
}
