//! Ten flows of 100 ms are started together, and one of them fails after 30.
//! Who is told, when, and what becomes of the nine?
//!
//! Run:  cargo run --example cancel_siblings
//! See:  `join!` and handles awaited in order tell at the end, and all nine
//!       have gone on. `try_join!`, a `JoinSet` and our own group tell at once,
//!       and stop the nine; a `JoinSet` that is only dropped tells before they
//!       are gone. Handles that were dropped tell nobody: an error is lost, and
//!       a panic is a line on stderr. Threads go on until they are done,
//!       whoever is told; with a flag that they read they stop.

use std::panic;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use cancelling::one_thread;
use cancelling::task::{all_or_none, spawn};
use event_loop::EventLoop;
use lab::{Experiment, Kind, Run};
use rayon::ThreadPoolBuilder;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio::{join, try_join};

const SIBLINGS: usize = 10;
const STEPS: usize = 10;
const STEP: Duration = Duration::from_millis(10);
/// Who fails, and in which step.
const FAILS: (usize, usize) = (3, 2);
/// By then all have come to their end.
const PATIENCE: Duration = Duration::from_secs(5);

type Outcome = Result<(), &'static str>;

fn main() -> ExitCode {
    let question = "One of ten fails: who goes on, and who is told?";
    Experiment::new("cancel_siblings", question)
        .baseline("join")
        .observed()
        .variant(Kind::Task, "join", "join!", |run| tasks(run, joined))
        .variant(Kind::Task, "try_join", "try_join!", |run| tasks(run, tried))
        .variant(Kind::Task, "join_set", "JoinSet, dropped", |run| {
            tasks(run, in_a_set)
        })
        .variant(Kind::Task, "set_shut_down", "JoinSet, shut down", |run| {
            tasks(run, in_a_set_that_is_shut_down)
        })
        .variant(Kind::Task, "own", "our own group", own)
        .variant(Kind::Task, "handles", "handles, in order", |run| {
            tasks(run, by_handles)
        })
        .variant(Kind::Task, "dropped", "handles, dropped", |run| {
            tasks(run, dropped)
        })
        .variant(Kind::Task, "panic", "JoinSet, and it panics", |run| {
            panicking(run, in_a_set)
        })
        .variant(
            Kind::Task,
            "panic_dropped",
            "handles, dropped, and it panics",
            |run| panicking(run, dropped),
        )
        .variant(Kind::Thread, "scope", "scoped threads", |run| {
            threads(run, in_a_scope)
        })
        .variant(Kind::Thread, "rayon", "rayon's try_for_each", |run| {
            let pool = ThreadPoolBuilder::new().num_threads(SIBLINGS).build();
            let pool = pool.expect("ten threads");
            threads(run, |family| pool.install(|| by_rayon(family)))
        })
        .variant(Kind::Thread, "flag", "threads that read a flag", |run| {
            threads(run, with_a_flag)
        })
        .run()
}

/// What the ten have in common. Each keeps it until it is done or dropped.
#[derive(Default)]
struct Family {
    finished: AtomicUsize,
    stop: AtomicBool,
    panics: bool,
}

impl Family {
    fn fail(&self) -> Outcome {
        assert!(!self.panics, "this one");
        Err("this one")
    }
}

// ANCHOR: tasks
async fn sibling(n: usize, family: Arc<Family>) -> Outcome {
    for step in 0..STEPS {
        sleep(STEP).await;
        if (n, step) == FAILS {
            return family.fail();
        }
    }
    family.finished.fetch_add(1, Relaxed);
    Ok(())
}

async fn tried(family: &Arc<Family>) -> Outcome {
    let s = |n| sibling(n, family.clone());
    let all =
        try_join!(s(0), s(1), s(2), s(3), s(4), s(5), s(6), s(7), s(8), s(9));
    all.map(|_| ())
}

async fn in_a_set(family: &Arc<Family>) -> Outcome {
    let mut all = JoinSet::new();
    for n in 0..SIBLINGS {
        all.spawn(sibling(n, family.clone()));
    }
    while let Some(outcome) = all.join_next().await {
        outcome.unwrap_or(Err("a panic"))?; // drops the set, which aborts them
    }
    Ok(())
}

async fn dropped(family: &Arc<Family>) -> Outcome {
    for n in 0..SIBLINGS {
        tokio::spawn(sibling(n, family.clone()));
    }
    Ok(()) // for all we know
}
// ANCHOR_END: tasks

async fn joined(family: &Arc<Family>) -> Outcome {
    let s = |n| sibling(n, family.clone());
    let all = join!(s(0), s(1), s(2), s(3), s(4), s(5), s(6), s(7), s(8), s(9));
    <[_; SIBLINGS]>::from(all).into_iter().collect()
}

async fn in_a_set_that_is_shut_down(family: &Arc<Family>) -> Outcome {
    let mut all = JoinSet::new();
    for n in 0..SIBLINGS {
        all.spawn(sibling(n, family.clone()));
    }
    while let Some(outcome) = all.join_next().await {
        let outcome = outcome.unwrap_or(Err("a panic"));
        if outcome.is_err() {
            all.shutdown().await; // aborts them, and waits until they are gone
            return outcome;
        }
    }
    Ok(())
}

async fn by_handles(family: &Arc<Family>) -> Outcome {
    let all: Vec<_> = (0..SIBLINGS)
        .map(|n| tokio::spawn(sibling(n, family.clone())))
        .collect();
    for handle in all {
        handle.await.unwrap_or(Err("a panic"))?;
    }
    Ok(())
}

// ANCHOR: threads
fn thread(n: usize, family: Arc<Family>) -> Outcome {
    for step in 0..STEPS {
        thread::sleep(STEP);
        if (n, step) == FAILS {
            return family.fail();
        }
    }
    family.finished.fetch_add(1, Relaxed);
    Ok(())
}

fn in_a_scope(family: &Arc<Family>) -> Outcome {
    thread::scope(|scope| {
        let all: Vec<_> = (0..SIBLINGS)
            .map(|n| scope.spawn(move || thread(n, family.clone())))
            .collect();
        all.into_iter().try_for_each(|one| one.join().expect("no panic"))
    })
}

fn by_rayon(family: &Arc<Family>) -> Outcome {
    // It begins no more of them; all ten have begun.
    (0..SIBLINGS).into_par_iter().try_for_each(|n| thread(n, family.clone()))
}

fn heeding(n: usize, family: Arc<Family>) -> Outcome {
    for step in 0..STEPS {
        if family.stop.load(Relaxed) {
            return Err("another");
        }
        thread::sleep(STEP);
        if (n, step) == FAILS {
            family.stop.store(true, Relaxed);
            return family.fail();
        }
    }
    family.finished.fetch_add(1, Relaxed);
    Ok(())
}

fn with_a_flag(family: &Arc<Family>) -> Outcome {
    thread::scope(|scope| {
        let all: Vec<_> = (0..SIBLINGS)
            .map(|n| scope.spawn(move || heeding(n, family.clone())))
            .collect();
        all.into_iter().try_for_each(|one| one.join().expect("no panic"))
    })
}
// ANCHOR_END: threads

/// On the loop of [The event loop](../../book/event-loop.md), with this
/// chapter's tasks.
fn own(run: &mut Run) -> String {
    let family = Arc::<Family>::default();
    let event_loop = EventLoop::new().expect("the kernel has a poller");
    let handle = event_loop.handle();
    let began = Instant::now();
    let one = |n| {
        let (family, handle) = (Arc::clone(&family), handle.clone());
        async move {
            for step in 0..STEPS {
                handle.sleep(STEP).await;
                if (n, step) == FAILS {
                    return family.fail();
                }
            }
            family.finished.fetch_add(1, Relaxed);
            Ok(())
        }
    };
    let all = (0..SIBLINGS).map(|n| spawn(one(n), |task| handle.spawn(task)));
    let outcome = event_loop.run(all_or_none(all.collect()));
    tell(run, began, outcome.is_err(), &family);
    over(run, began, &family)
}

fn tasks(
    run: &mut Run,
    together: impl AsyncFn(&Arc<Family>) -> Outcome,
) -> String {
    all_of(run, Arc::default(), together)
}

/// As [`tasks`], and the one that fails panics. What the panic hook would print
/// is counted.
fn panicking(
    run: &mut Run,
    together: impl AsyncFn(&Arc<Family>) -> Outcome,
) -> String {
    let family = Family { panics: true, ..Family::default() };
    let printed = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&printed);
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |_| {
        counted.fetch_add(1, Relaxed);
    }));
    let answer = all_of(run, Arc::new(family), together);
    panic::set_hook(hook);
    run.metric("printed", printed.load(Relaxed) as f64);
    answer
}

fn all_of(
    run: &mut Run,
    family: Arc<Family>,
    together: impl AsyncFn(&Arc<Family>) -> Outcome,
) -> String {
    run.metric("printed", 0.0); // nothing that returns an error prints it
    one_thread().block_on(async {
        let began = Instant::now();
        let outcome = together(&family).await;
        tell(run, began, outcome.is_err(), &family);
        while Arc::strong_count(&family) > 1 && began.elapsed() < PATIENCE {
            sleep(STEP / 10).await;
        }
        over(run, began, &family)
    })
}

fn threads(
    run: &mut Run,
    together: impl Fn(&Arc<Family>) -> Outcome,
) -> String {
    let (family, began) = (Arc::default(), Instant::now());
    tell(run, began, together(&family).is_err(), &family);
    over(run, began, &family)
}

/// What is known when the call comes back: whether one failed, and how many
/// are still there.
fn tell(run: &mut Run, began: Instant, told: bool, family: &Arc<Family>) {
    run.metric("told", f64::from(told));
    if told {
        run.metric("told_ms", began.elapsed().as_secs_f64() * 1e3);
    }
    run.metric("left_behind", (Arc::strong_count(family) - 1) as f64);
}

fn over(run: &mut Run, began: Instant, family: &Family) -> String {
    let finished = family.finished.load(Relaxed);
    run.metric("over_ms", began.elapsed().as_secs_f64() * 1e3);
    run.metric("finished", finished as f64);
    format!("{finished} of 9 went on")
}
