//! Broken: a task is counted when it is first polled, not when it is spawned.
//! Those that have not run yet when the signal comes are not waited for.

use std::future::Future;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

// ANCHOR: broken
/// Takes connections until `closing`, and forgets some of them.
pub async fn serve<F: Future<Output: Send> + Send + 'static>(
    listener: TcpListener,
    closing: CancellationToken,
    deadline: Duration,
    talk: impl Fn(TcpStream, CancellationToken) -> F,
) -> usize {
    let open = TaskTracker::new();
    loop {
        let taken = select! {
            () = closing.cancelled() => break,
            taken = listener.accept() => taken,
        };
        let Ok((connection, _)) = taken else { continue };
        let (talk, open) = (talk(connection, closing.clone()), open.clone());
        tokio::spawn(async move { open.track_future(talk).await });
    }
    open.close();
    let _ = timeout(deadline, open.wait()).await;
    open.len()
}
// ANCHOR_END: broken
