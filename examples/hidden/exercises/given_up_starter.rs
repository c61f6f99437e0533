//! The way from a task to a pool that computes. Whoever has stopped waiting is
//! computed for all the same.

use rayon::ThreadPool;
use tokio::sync::oneshot;

/// What the work answers.
pub async fn compute<T: Send + 'static>(
    pool: &ThreadPool,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    let (answers, answer) = oneshot::channel();
    pool.spawn(move || drop(answers.send(work())));
    answer.await.expect("the work does not panic")
}
