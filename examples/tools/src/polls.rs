//! Who is polled how often, and for how long: a wrapper for futures.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Context, Poll};
use std::time::Instant;

/// All that is watched, for whoever asks.
static WATCHED: Mutex<Vec<Arc<Polls>>> = Mutex::new(Vec::new());
static IS_WATCHING: AtomicBool = AtomicBool::new(false);
static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);

fn now_ns() -> u64 {
    BEGAN.elapsed().as_nanos() as u64
}

/// What is known of a future.
#[derive(Debug, Default)]
pub struct Polls {
    /// What it is called.
    pub name: &'static str,
    polls: AtomicU64,
    longest_ns: AtomicU64,
    last_ns: AtomicU64,
    is_done: AtomicU64,
}

/// What the numbers were at some time.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What it is called.
    pub name: &'static str,
    /// How often it was polled.
    pub polls: u64,
    /// What its longest poll took, in milliseconds.
    pub longest_ms: f64,
    /// How long ago the last one began.
    pub ago_ms: f64,
}

// ANCHOR: watched
/// A future that notes how often it is polled, and for how long.
pub struct Watched<F> {
    future: Pin<Box<F>>,
    polls: Option<Arc<Polls>>,
}

impl<F: Future> Future for Watched<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let Watched { future, polls } = &mut *self;
        let Some(polls) = polls else { return future.as_mut().poll(cx) };
        let began = now_ns();
        polls.last_ns.store(began, Relaxed);
        let poll = future.as_mut().poll(cx);
        polls.longest_ns.fetch_max(now_ns() - began, Relaxed);
        polls.polls.fetch_add(1, Relaxed);
        polls.is_done.store(poll.is_ready().into(), Relaxed);
        poll
    }
}
// ANCHOR_END: watched

/// From now on futures are watched, which is not free.
pub fn watch() {
    IS_WATCHING.store(true, Relaxed);
}

/// Has a future watched, under a name.
pub fn watched<F: Future>(name: &'static str, future: F) -> Watched<F> {
    let polls = IS_WATCHING.load(Relaxed).then(|| {
        let last_ns = now_ns().into();
        let polls = Arc::new(Polls { name, last_ns, ..Polls::default() });
        let mut watched = WATCHED.lock().expect("nobody panics here");
        watched.push(Arc::clone(&polls));
        polls
    });
    Watched { future: Box::pin(future), polls }
}

/// All futures that are watched and not done.
pub fn seen() -> Vec<Seen> {
    let watched = WATCHED.lock().expect("nobody panics here");
    let alive = watched.iter().filter(|one| one.is_done.load(Relaxed) == 0);
    let ms = |ns: u64| ns as f64 / 1e6;
    alive
        .map(|one| Seen {
            name: one.name,
            polls: one.polls.load(Relaxed),
            longest_ms: ms(one.longest_ns.load(Relaxed)),
            ago_ms: ms(now_ns().saturating_sub(one.last_ns.load(Relaxed))),
        })
        .collect()
}
