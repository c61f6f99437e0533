//! A worker of tokio's runs the task that was started or woken last before all
//! others. Whom does that keep waiting?
//!
//! Run:  cargo run --example fair_slot
//! See:  two tasks that wake each other are polled four times, and then it is a
//!       third one's turn. But a task that was started by one that then
//!       computes waits until that is done, though another worker is idle. If
//!       another one is started after it, or the first gives way before it
//!       computes, it does not wait. A chain of tasks, each of which starts the
//!       next and then computes, runs on one core.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::task::Poll;
use std::time::{Duration, Instant};

use lab::{Experiment, Kind, Run};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Notify, mpsc};
use tokio::task::{JoinHandle, block_in_place, yield_now};

/// How often each of the two is woken.
const ROUNDS: u64 = 20_000;
/// How long one computes, and in the chain each.
const HOG_NS: u64 = 20_000_000;
const LINKS: u32 = 8;
const LINK_NS: u64 = 5_000_000;

fn main() -> ExitCode {
    Experiment::new("fair_slot", "Whom does tokio's LIFO slot keep waiting?")
        .baseline("slot")
        .case("pair", "two that wake each other, and a third")
        .variant(Kind::Task, "slot", "one worker", |run| {
            pair(run, workers(1), false)
        })
        .variant(Kind::Task, "no_slot", "current-thread runtime", |run| {
            let runtime = Builder::new_current_thread().build();
            pair(run, runtime.expect("tokio"), false)
        })
        .variant(Kind::Task, "yields", "by yield_now", |run| {
            pair(run, workers(1), true)
        })
        .case("behind", "started by one that then computes, two workers")
        .variant(Kind::Task, "slot", "one is started", |run| {
            behind(run, 1, Hog::AtOnce)
        })
        .variant(Kind::Task, "two", "two are started", |run| {
            behind(run, 2, Hog::AtOnce)
        })
        .variant(Kind::Task, "yields", "after yield_now", |run| {
            behind(run, 1, Hog::Yields)
        })
        .variant(Kind::Task, "in_place", "in block_in_place", |run| {
            behind(run, 1, Hog::InPlace)
        })
        .case("chain", "each starts the next and computes, two workers")
        .variant(Kind::Task, "slot", "at once", |run| chain(run, false))
        .variant(Kind::Task, "yields", "after yield_now", |run| {
            chain(run, true)
        })
        .run()
}

fn workers(n: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(n).build().expect("tokio")
}

/// How a task begins to compute.
#[derive(Clone, Copy)]
enum Hog {
    AtOnce,
    Yields,
    InPlace,
}

// ANCHOR: pair
/// `count` goes up whenever one of the two is polled.
async fn partner(
    mine: Arc<Notify>,
    theirs: Arc<Notify>,
    count: Arc<AtomicU64>,
) {
    for _ in 0..ROUNDS {
        mine.notified().await;
        count.fetch_add(1, Relaxed);
        theirs.notify_one();
    }
}

/// Asks to be polled again, each time, and sees how often the two were.
async fn third(
    count: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    by_yield_now: bool,
) -> u64 {
    let (mut last, mut most) = (0, 0);
    while !over.load(Relaxed) {
        let now = count.load(Relaxed);
        if last > ROUNDS / 2 {
            most = most.max(now - last); // they have found their rhythm
        }
        last = now;
        if by_yield_now { yield_now().await } else { wake_myself().await }
    }
    most
}
// ANCHOR_END: pair

/// Goes to the end of the queue by its own waker.
fn wake_myself() -> impl Future<Output = ()> {
    let mut polled = false;
    poll_fn(move |context| {
        if polled {
            return Poll::Ready(());
        }
        polled = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

fn pair(run: &mut Run, runtime: Runtime, by_yield_now: bool) -> String {
    run.start_clock();
    let most = runtime.block_on(async {
        let (ping, pong) = (Arc::default(), Arc::default());
        let (count, over) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let new = |mine: &Arc<Notify>, theirs: &Arc<Notify>| {
            let theirs = Arc::clone(theirs);
            let two = partner(Arc::clone(mine), theirs, Arc::clone(&count));
            tokio::spawn(two)
        };
        let two = [new(&ping, &pong), new(&pong, &ping)];
        let stop = Arc::clone(&over);
        let third = tokio::spawn(third(Arc::clone(&count), stop, by_yield_now));
        ping.notify_one();
        for one in two {
            one.await.expect("no task panics");
        }
        over.store(true, Relaxed);
        third.await.expect("no task panics")
    });
    run.stop_clock();
    run.metric("most_between", most as f64);
    "each was polled in the end".into()
}

// ANCHOR: behind
async fn hog(count: usize, how: Hog) -> Vec<JoinHandle<Duration>> {
    let mut started = Vec::new();
    for _ in 0..count {
        let now = Instant::now();
        // Whatever was in the slot makes room for it.
        started.push(tokio::spawn(async move { now.elapsed() }));
    }
    match how {
        Hog::AtOnce => fair::spin(HOG_NS),
        Hog::Yields => {
            yield_now().await; // and what is in the slot runs before us
            fair::spin(HOG_NS);
        }
        Hog::InPlace => block_in_place(|| fair::spin(HOG_NS)),
    }
    started
}
// ANCHOR_END: behind

fn behind(run: &mut Run, count: usize, how: Hog) -> String {
    let late: Vec<f64> = workers(2).block_on(async {
        run.start_clock();
        let hog = tokio::spawn(hog(count, how));
        let mut late = Vec::new();
        for task in hog.await.expect("no task panics") {
            let waited = task.await.expect("no task panics");
            late.push(waited.as_secs_f64() * 1e3);
        }
        run.stop_clock();
        late
    });
    run.metric("late_ms", late[late.len() - 1]);
    run.metric("first_late_ms", late[0]);
    "all were run".into()
}

// ANCHOR: chain
fn link(left: u32, yields: bool, done: mpsc::UnboundedSender<()>) -> Link {
    Box::pin(async move {
        if left > 1 {
            tokio::spawn(link(left - 1, yields, done.clone()));
        }
        if yields {
            yield_now().await;
        }
        fair::spin(LINK_NS);
        done.send(()).expect("somebody counts");
    })
}
// ANCHOR_END: chain

type Link = Pin<Box<dyn Future<Output = ()> + Send>>;

fn chain(run: &mut Run, yields: bool) -> String {
    let links = workers(2).block_on(async {
        let (done, mut all_done) = mpsc::unbounded_channel();
        run.start_clock();
        tokio::spawn(link(LINKS, yields, done));
        let mut links = 0;
        while all_done.recv().await.is_some() {
            links += 1;
        }
        run.stop_clock();
        links
    });
    format!("{links} links")
}
