//! The models. Each runs a job from the start of its threads, tasks or
//! processes to their end, and returns the sum of its answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::Work;

/// Hands out items, to whoever asks next.
#[derive(Debug)]
pub struct Items {
    next: AtomicU64,
    all: u64,
}

impl Items {
    /// So many of them.
    pub fn of(all: u64) -> Items {
        Items { next: AtomicU64::new(0), all }
    }

    /// The next one, until there are no more.
    pub fn take(&self) -> Option<u64> {
        let i = self.next.fetch_add(1, Ordering::Relaxed);
        (i < self.all).then_some(i)
    }
}

/// One item, on a thread that sleeps while it waits.
fn item(work: &Work, i: u64) -> u64 {
    let x = work.begin(i, work.input.len());
    if !work.wait.is_zero() {
        thread::sleep(work.wait);
    }
    work.answer(work.finish(x))
}

/// One item after another.
pub fn in_turn(work: &Work) -> u64 {
    (0..work.items).map(|i| item(work, i)).sum()
}

// ANCHOR: threads
/// A thread for each item that may be under way.
pub fn threads(work: &Work) -> u64 {
    let items = &Items::of(work.items);
    let flow =
        || std::iter::from_fn(|| items.take()).map(|i| item(work, i)).sum();
    thread::scope(|scope| {
        let all: Vec<_> =
            (0..work.at_once).map(|_| scope.spawn(flow)).collect();
        all.into_iter().map(|flow| -> u64 { flow.join().unwrap() }).sum()
    })
}
// ANCHOR_END: threads

/// A thread for each core, which sleeps while its item waits.
pub fn rayon(work: &Work) -> u64 {
    let each = (0..work.items as u32).into_par_iter().with_max_len(1);
    pool(work).install(|| each.map(|i| item(work, u64::from(i))).sum())
}

fn pool(work: &Work) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(work.cores).build().expect("threads")
}

/// A task for each item that may be under way, and a worker for each core.
pub fn tokio(work: &Work) -> u64 {
    in_tasks(work, |work, i| async move {
        let x = work.begin(i, work.input.len());
        wait(&work).await;
        work.answer(work.finish(x))
    })
}

// ANCHOR: tokio_rayon
/// The same, but rayon computes: a oneshot channel brings the result back.
pub fn tokio_rayon(work: &Work) -> u64 {
    let pool = Arc::new(pool(work));
    in_tasks(work, move |work, i| {
        let pool = Arc::clone(&pool);
        async move {
            let begun = Arc::clone(&work);
            let begin = move || begun.begin(i, begun.input.len());
            let x = computed(&pool, begin).await;
            wait(&work).await;
            let ended = Arc::clone(&work);
            computed(&pool, move || ended.answer(ended.finish(x))).await
        }
    })
}

async fn computed(
    pool: &ThreadPool,
    compute: impl FnOnce() -> u64 + Send + 'static,
) -> u64 {
    let (there, result) = oneshot::channel();
    pool.spawn(move || there.send(compute()).unwrap_or_default());
    result.await.expect("the pool computes what it was given")
}
// ANCHOR_END: tokio_rayon

async fn wait(work: &Work) {
    if !work.wait.is_zero() {
        tokio::time::sleep(work.wait).await;
    }
}

fn in_tasks<F>(
    work: &Work,
    item: impl Fn(Arc<Work>, u64) -> F + Clone + Send + 'static,
) -> u64
where
    F: Future<Output = u64> + Send,
{
    let (shared, items) = (Arc::new(work.clone()), Items::of(work.items));
    let items = Arc::new(items);
    let flow = || {
        let (work, items) = (Arc::clone(&shared), Arc::clone(&items));
        let item = item.clone();
        async move {
            let mut sum = 0;
            while let Some(i) = items.take() {
                sum += item(Arc::clone(&work), i).await;
            }
            sum
        }
    };
    runtime(work).block_on(async {
        let all: Vec<_> =
            (0..work.at_once).map(|_| tokio::spawn(flow())).collect();
        let mut sum = 0;
        for flow in all {
            sum += flow.await.expect("a task that ends");
        }
        sum
    })
}

fn runtime(work: &Work) -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(work.cores).enable_time();
    builder.build().expect("workers")
}
