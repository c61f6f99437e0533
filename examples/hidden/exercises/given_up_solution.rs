//! The way from a task to a pool that computes. A job whose turn comes when
//! nobody waits for it any more is passed over.

use rayon::ThreadPool;
use tokio::sync::oneshot;

/// What the work answers.
pub async fn compute<T: Send + 'static>(
    pool: &ThreadPool,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    let (answers, answer) = oneshot::channel();
    pool.spawn(move || {
        // Closed since the future that held the other end was dropped.
        if !answers.is_closed() {
            drop(answers.send(work()));
        }
    });
    answer.await.expect("the work does not panic")
}
