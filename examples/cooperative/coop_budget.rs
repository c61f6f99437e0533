//! A task awaits a hundred thousand things that are ready. How often does its
//! neighbor get a turn meanwhile?
//!
//! Run:  cargo run --example coop_budget
//! See:  beside a channel of tokio's, once in 128 messages: tokio counts, and
//!       says "not yet" to a task that has had these. A future that tokio
//!       does not know is never counted, and the neighbor waits to the end.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use cooperative::one_thread;
use lab::{Experiment, Kind, Run};
use tokio::sync::mpsc;
use tokio::task::{coop, yield_now};

const ALL: u64 = 100_000;

fn main() -> ExitCode {
    Experiment::new("coop_budget", "Does an await that is ready give way?")
        .baseline("ready")
        .variant(Kind::Task, "ready", "a ready future", |run| {
            beside(run, ready())
        })
        .variant(Kind::Task, "channel", "tokio's channel", |run| {
            beside(run, channel())
        })
        .variant(Kind::Task, "unconstrained", "without budget", |run| {
            beside(run, coop::unconstrained(channel()))
        })
        .variant(Kind::Task, "consumed", "paid by hand", |run| {
            beside(run, consumed())
        })
        .run()
}

async fn ready() -> u64 {
    let mut sum = 0;
    for n in 1..=ALL {
        sum += std::future::ready(n).await;
    }
    sum
}

async fn channel() -> u64 {
    let (to, mut from) = mpsc::unbounded_channel();
    for n in 1..=ALL {
        to.send(n).expect("the receiver is there");
    }
    drop(to);
    let mut sum = 0;
    while let Some(n) = from.recv().await {
        sum += n;
    }
    sum
}

async fn consumed() -> u64 {
    let mut sum = 0;
    for n in 1..=ALL {
        sum += std::future::ready(n).await;
        coop::consume_budget().await; // counts as one
    }
    sum
}

fn beside(
    run: &mut Run,
    task: impl Future<Output = u64> + Send + 'static,
) -> u64 {
    let over = Arc::new(AtomicBool::new(false));
    let turns = Arc::new(AtomicU64::new(0));
    let sum = one_thread().block_on(async {
        let (ended, counted) = (Arc::clone(&over), Arc::clone(&turns));
        let task = tokio::spawn(async move {
            let sum = task.await;
            ended.store(true, Relaxed);
            sum
        });
        tokio::spawn(async move {
            while !over.load(Relaxed) {
                counted.fetch_add(1, Relaxed);
                yield_now().await;
            }
        });
        task.await.expect("no task panics")
    });
    let turns = turns.load(Relaxed) as f64;
    run.metric("turns", turns);
    if turns > 0.0 {
        run.metric("ready_each_turn", ALL as f64 / turns);
    }
    sum
}
