//! A server of tasks that ends in order.

use std::future::Future;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

// ANCHOR: serve
/// Takes connections until `closing`, finishes what is begun, and drops what
/// has not ended by the deadline. Returns how many those were.
pub async fn serve<F: Future<Output: Send> + Send + 'static>(
    listener: TcpListener,
    closing: CancellationToken,
    deadline: Duration,
    talk: impl Fn(TcpStream, CancellationToken) -> F,
) -> usize {
    let (open, over) = (TaskTracker::new(), CancellationToken::new());
    loop {
        let taken = select! {
            () = closing.cancelled() => break,
            taken = listener.accept() => taken,
        };
        let Ok((connection, _)) = taken else { continue };
        let talk = talk(connection, closing.clone());
        open.spawn(over.clone().run_until_cancelled_owned(talk));
    }
    drop(listener); // who comes now is refused
    open.close(); // nobody is added, so it can become empty
    let _ = timeout(deadline, open.wait()).await;
    let left = open.len();
    over.cancel();
    open.wait().await;
    left
}
// ANCHOR_END: serve
