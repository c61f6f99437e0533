//! A task hands its computing to rayon. If the task is gone before a thread is
//! free, because the client has left, nobody needs the answer, and the channel
//! says so.

use rayon::ThreadPool;
use tokio::sync::oneshot;

pub async fn compute<T: Send + 'static>(
    pool: &ThreadPool,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (send, answer) = oneshot::channel();
    pool.spawn(move || {
        if !send.is_closed() {
            let _ = send.send(work());
        }
    });
    answer.await.ok()
}
