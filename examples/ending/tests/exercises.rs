//! Every starter fails its test, every solution passes it.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use lab::testing::fails;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::join;
use tokio::runtime::Builder;
use tokio::task::yield_now;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

#[path = "../exercises/jobs_solution.rs"]
mod jobs_solution;
#[path = "../exercises/jobs_starter.rs"]
mod jobs_starter;
#[path = "../exercises/several_solution.rs"]
mod several_solution;
#[path = "../exercises/several_starter.rs"]
mod several_starter;
#[path = "../exercises/ticker_solution.rs"]
mod ticker_solution;
#[path = "../exercises/ticker_starter.rs"]
mod ticker_starter;

/// Long beside what gets done, on a busy machine, too.
const PATIENCE: Duration = Duration::from_secs(3);

fn six_jobs() -> Receiver<u32> {
    let (to, jobs) = channel();
    (1..=6).for_each(|job| to.send(job).unwrap());
    jobs
}

macro_rules! jobs {
    ($exercise:ident) => {
        || {
            let (closing, mut done) = (AtomicBool::new(false), vec![]);
            let left = $exercise::work(&six_jobs(), &closing, |job| {
                done.push(job);
                closing.store(job == 3, Ordering::Relaxed);
            });
            assert_eq!((done, left), (vec![1, 2, 3], vec![4, 5, 6]));
            closing.store(false, Ordering::Relaxed);
            let left = $exercise::work(&six_jobs(), &closing, |_| ());
            assert_eq!(left, [], "nobody has said that it is to end");
        }
    };
}

#[test]
fn a_worker_finishes_its_job_and_gives_back_the_others() {
    fails(jobs!(jobs_starter));
    jobs!(jobs_solution)();
}

macro_rules! several {
    ($exercise:ident) => {
        || {
            let runtime =
                Builder::new_current_thread().enable_time().build().unwrap();
            let said = runtime.block_on(async {
                let (mut client, server) = duplex(100);
                let closing = CancellationToken::new();
                // The server is to end while it is at the second.
                let answer = async |line: &str| {
                    if line == "two" {
                        closing.cancel();
                        yield_now().await;
                    }
                    format!("{line} done")
                };
                client.write_all(b"one\ntwo\nthree\n").await.unwrap();
                let talk = $exercise::talk(server, closing.clone(), answer);
                let mut said = String::new();
                let both = async {
                    join!(talk, client.read_to_string(&mut said)).0.unwrap();
                };
                timeout(PATIENCE, both).await.expect("it is stuck");
                said
            });
            assert_eq!(said, "one done\ntwo done\n");
        }
    };
}

#[test]
fn a_connection_finishes_its_request_and_reads_no_other() {
    fails(several!(several_starter));
    several!(several_solution)();
}

macro_rules! ticker {
    ($exercise:ident) => {
        || {
            let ((to, ticks), (over, is_over)) = (channel(), channel());
            // What waits is given up after a while, and ends with the process.
            thread::spawn(move || {
                let tick = move || to.send(()).unwrap();
                let ticker =
                    $exercise::Ticker::start(Duration::from_secs(60), tick);
                ticks.recv_timeout(PATIENCE).expect("the first one");
                drop(ticker);
                over.send(()).unwrap();
            });
            is_over.recv_timeout(PATIENCE).expect("it sleeps");
        }
    };
}

#[test]
fn a_thread_that_pauses_hears_of_the_end() {
    fails(ticker!(ticker_starter));
    ticker!(ticker_solution)();
}
