//! Has a pile of blocking jobs done. While it does, whatever else needs a
//! thread for blocking calls waits behind the whole pile.

use tokio::task::spawn_blocking;

pub type Job = Box<dyn FnOnce() -> u32 + Send>;

/// What the jobs answer, in their order.
pub async fn all(jobs: Vec<Job>, _at_once: usize) -> Vec<u32> {
    let mut answers = Vec::new();
    for job in jobs.into_iter().map(spawn_blocking).collect::<Vec<_>>() {
        answers.push(job.await.expect("no job panics"));
    }
    answers
}
