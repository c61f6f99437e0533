//! Every starter fails its test, every solution passes it.
//!
//! Nothing here depends on speed: what is to be given up is given up when it
//! has begun, by the test's own hand.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub)]

use std::fs;
use std::future::{Future, pending};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use cancelling::one_thread;
use lab::testing::fails;
use tokio::io::{AsyncWriteExt, DuplexStream, duplex};
use tokio::select;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

#[path = "../exercises/background_solution.rs"]
mod background_solution;
#[path = "../exercises/background_starter.rs"]
mod background_starter;
#[path = "../exercises/frames_solution.rs"]
mod frames_solution;
#[path = "../exercises/frames_starter.rs"]
mod frames_starter;
#[path = "../exercises/owned_solution.rs"]
mod owned_solution;
#[allow(dead_code)] // that nobody drops it well is the exercise
#[path = "../exercises/owned_starter.rs"]
mod owned_starter;
#[path = "../exercises/save_solution.rs"]
mod save_solution;
#[path = "../exercises/save_starter.rs"]
mod save_starter;
#[path = "../exercises/steps_solution.rs"]
mod steps_solution;
#[path = "../exercises/steps_starter.rs"]
mod steps_starter;
#[path = "../exercises/together_solution.rs"]
mod together_solution;
#[path = "../exercises/together_starter.rs"]
mod together_starter;

/// A time that only a wrong program needs.
const PATIENCE: Duration = Duration::from_secs(5);

fn passes(test: impl FnOnce()) {
    test();
}

/// Polls the future as often as others may go on in between, and drops it.
async fn given_up<F: Future>(future: F) {
    select! {
        biased;
        _ = future => panic!("it was to be given up before its end"),
        () = yield_now() => (),
    }
}

macro_rules! frames {
    ($exercise:ident) => {
        || {
            one_thread().block_on(async {
                let (mut to, from): (DuplexStream, _) = duplex(64);
                let mut frames = $exercise::Frames::new(from);
                to.write_all(b"half").await.unwrap();
                given_up(frames.next()).await;
                to.write_all(b"-way").await.unwrap();
                to.write_all(b"complete").await.unwrap();
                drop(to);
                assert_eq!(frames.next().await, Some(*b"half-way"));
                assert_eq!(frames.next().await, Some(*b"complete"));
                assert_eq!(frames.next().await, None);
            })
        }
    };
}

#[test]
fn a_frame_that_had_half_come_is_whole_the_next_time() {
    fails(frames!(frames_starter));
    passes(frames!(frames_solution));
}

/// Gives up while the first step is being taken; how many are taken in all?
macro_rules! steps {
    ($exercise:ident) => {
        || {
            let (begin, begun) = mpsc::channel();
            let (go_on, told) = mpsc::channel();
            let runtime = one_thread();
            runtime.block_on(async {
                let mut call = Box::pin($exercise::in_thread(5, move || {
                    begin.send(()).unwrap();
                    told.recv().unwrap();
                }));
                while begun.try_recv().is_err() {
                    select! {
                        biased;
                        () = &mut call => unreachable!("a step waits"),
                        () = sleep(Duration::from_millis(1)) => (),
                    }
                }
            });
            // Given up. The runtime is there until the thread is done.
            for _ in 0..5 {
                let _ = go_on.send(());
            }
            let mut taken = 1;
            while begun.recv_timeout(PATIENCE).is_ok() {
                taken += 1;
            }
            assert_eq!(taken, 1, "steps are taken for nobody");
        }
    };
}

#[test]
fn a_thread_hears_that_nobody_waits() {
    fails(steps!(steps_starter));
    passes(steps!(steps_solution));
}

fn save<F: Future>(name: &str, save: impl Fn(&'static Path) -> F) {
    let folder = format!("taking-turns-save-{}-{name}", std::process::id());
    let folder = std::env::temp_dir().join(folder);
    fs::create_dir_all(&folder).unwrap();
    let path: &Path = Box::leak(folder.join("text").into_boxed_path());
    fs::write(path, "old").unwrap();
    let result = lab::testing::caught(|| {
        one_thread().block_on(async {
            given_up(save(path)).await;
            let kept = fs::read_to_string(path).unwrap();
            assert_eq!(kept, "old", "half a file");
            let files = fs::read_dir(&folder).unwrap().count();
            assert_eq!(files, 1, "something is left behind");
            save(path).await;
            assert_eq!(fs::read_to_string(path).unwrap(), "new and whole");
        });
    });
    fs::remove_dir_all(&folder).unwrap();
    result.unwrap();
}

#[test]
fn a_file_is_the_old_one_or_the_new_one_and_nothing_lies_beside_it() {
    const PARTS: [&str; 4] = ["new", " and", " ", "whole"];
    fails(|| save("starter", |path| save_starter::save(path, &PARTS)));
    save("solution", |path| save_solution::save(path, &PARTS));
}

macro_rules! owned {
    ($exercise:ident) => {
        || {
            one_thread().block_on(async {
                let alive = Arc::new(());
                let held = Arc::clone(&alive);
                let task = $exercise::Owned::spawn(async move {
                    let _held = held;
                    pending::<()>().await;
                });
                yield_now().await;
                drop(task);
                for _ in 0..10 {
                    yield_now().await;
                }
                assert_eq!(Arc::strong_count(&alive), 1, "it goes on");
                let task = $exercise::Owned::spawn(async { 7 });
                assert_eq!(task.join().await.unwrap(), 7);
            })
        }
    };
}

#[test]
fn a_task_ends_with_its_owner() {
    fails(owned!(owned_starter));
    passes(owned!(owned_solution));
}

type Job = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

fn together<F: Future<Output = Result<(), String>>>(
    together: impl Fn(Vec<Job>) -> F,
) {
    one_thread().block_on(async {
        let alive = Arc::new(());
        let mut jobs = Vec::new();
        for _ in 0..3 {
            let held = Arc::clone(&alive);
            jobs.push(Box::pin(async move {
                let _held = held;
                pending().await
            }) as Job);
        }
        jobs.push(Box::pin(async { Err("on purpose".to_owned()) }));
        assert_eq!(together(jobs).await, Err("on purpose".to_owned()));
        assert_eq!(Arc::strong_count(&alive), 1, "some are still there");
        let done = || Box::pin(async { Ok(()) }) as Job;
        assert_eq!(together(vec![done(), done()]).await, Ok(()));
    });
}

#[test]
fn when_one_fails_the_others_are_gone_before_it_is_told() {
    fails(|| together(together_starter::together));
    together(together_solution::together);
}

fn background(
    background: impl Fn(Task, UnboundedSender<String>),
) -> Option<String> {
    one_thread().block_on(async {
        let (tell, mut told) = unbounded_channel();
        let panics = || panic!("on purpose");
        background(Box::pin(async move { panics() }), tell.clone());
        background(Box::pin(async {}), tell);
        timeout(PATIENCE, told.recv()).await.expect("all are done")
    })
}

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

#[test]
fn a_panic_in_the_background_is_told() {
    let heard = || background(background_solution::background);
    assert!(heard().is_some_and(|text| text.contains("on purpose")));
    fails(|| {
        let heard = background(background_starter::background);
        assert!(heard.is_some(), "nobody was told");
    });
}
