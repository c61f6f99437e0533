//! What the chapter builds: the way from a task to a pool that computes, and
//! back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::Result;

use rayon::ThreadPool;
use tokio::sync::oneshot;

// ANCHOR: compute
/// Has the work done in a pool that is as large as the machine, and awaits its
/// answer.
///
/// # Errors
/// What the work panicked with; left to rayon, that would end the process.
pub async fn compute<T: Send + 'static>(
    pool: &ThreadPool,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let (answers, answer) = oneshot::channel();
    pool.spawn(move || {
        let done = catch_unwind(AssertUnwindSafe(work));
        drop(answers.send(done)); // or nobody waits any more
    });
    answer.await.expect("the pool does each of its jobs")
}
// ANCHOR_END: compute
