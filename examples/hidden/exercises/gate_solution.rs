//! Has a pile of blocking jobs done, so many at once. The others wait in tasks,
//! and the rest of the pool's threads are there for everybody else.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

pub type Job = Box<dyn FnOnce() -> u32 + Send>;

/// What the jobs answer, in their order.
pub async fn all(jobs: Vec<Job>, at_once: usize) -> Vec<u32> {
    let places = Arc::new(Semaphore::new(at_once));
    let gated = |job| {
        let places = Arc::clone(&places);
        tokio::spawn(async move {
            // Given back when the job is done, not when it is sent.
            let _place = places.acquire().await.expect("nobody closes it");
            spawn_blocking(job).await.expect("no job panics")
        })
    };
    let mut answers = Vec::new();
    for job in jobs.into_iter().map(gated).collect::<Vec<_>>() {
        answers.push(job.await.expect("no job panics"));
    }
    answers
}
