//! The page's own parts: the server of tasks that ends in order, and the door.

#![allow(unreachable_pub)]

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ending::drain;
use lab::testing::is_found;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

#[path = "../broken/counted_late.rs"]
mod counted_late;

/// Long beside what gets done, on a busy machine, too.
const PATIENCE: Duration = Duration::from_secs(20);
const MOMENT: Duration = Duration::from_millis(20);
const CLIENTS: usize = 5;

async fn listener() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).await.unwrap()
}

/// Clients come, and at once the server is to end. Returns how many it has
/// served, and how many it has dropped.
macro_rules! served {
    ($serve:path, $deadline:expr, $work:expr) => {{
        let runtime = Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(async {
            let listener = listener().await;
            let address = listener.local_addr().unwrap();
            let mut clients = Vec::new();
            for _ in 0..CLIENTS {
                clients.push(TcpStream::connect(address).await.unwrap());
            }
            let (closing, done) = (CancellationToken::new(), Arc::default());
            let begun = Arc::new(AtomicUsize::new(0));
            let talk = |_connection, _token| {
                // The last one is let in, and nobody comes after it.
                if begun.fetch_add(1, Ordering::Relaxed) + 1 == CLIENTS {
                    closing.cancel();
                }
                let done: Arc<AtomicUsize> = Arc::clone(&done);
                async move {
                    $work.await;
                    done.fetch_add(1, Ordering::Relaxed);
                }
            };
            let serve = $serve(listener, closing.clone(), $deadline, talk);
            let left = timeout(PATIENCE, serve).await.expect("an end");
            let refused = TcpStream::connect(address).await.unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
            (done.load(Ordering::Relaxed), left)
        })
    }};
}

#[test]
fn what_is_begun_is_finished_and_nobody_else_comes_in() {
    assert_eq!(served!(drain::serve, PATIENCE, sleep(MOMENT)), (CLIENTS, 0));
    assert_eq!(served!(drain::serve, PATIENCE, yield_now()), (CLIENTS, 0));
}

#[test]
fn what_takes_too_long_is_dropped_at_the_deadline() {
    assert_eq!(served!(drain::serve, MOMENT, sleep(PATIENCE)), (0, CLIENTS));
}

#[test]
fn a_task_that_is_counted_late_is_not_waited_for() {
    let check = || {
        let (done, _) = served!(counted_late::serve, PATIENCE, sleep(MOMENT));
        assert_eq!(done, CLIENTS, "some were not waited for");
    };
    is_found(check, "some were not waited for");
}

/// It takes signals of the whole process, and so there is one test.
#[cfg(unix)]
#[test]
fn a_door_lets_in_until_the_bell_and_then_who_is_in_line() {
    use ending::os::{Bell, Door, Word, tell};
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let come = || std::net::TcpStream::connect(address).unwrap();
    let door = Door::open(listener, Bell::of(Word::Terminate));
    let first = come();
    let inside = door.next().expect("the first one");
    assert_eq!(inside.peer_addr().unwrap(), first.local_addr().unwrap());
    let _second = come();
    tell(std::process::id(), Word::Terminate);
    // The signal may take a moment, and until then it is open.
    let _more: Vec<_> = std::iter::from_fn(|| door.next()).collect();
    let _third = come();
    assert!(door.next().is_none(), "it has rung for good");
    assert!(door.in_line().is_some(), "the third one");
    assert!(door.in_line().is_none(), "nobody else");
    drop(door);
    assert!(std::net::TcpStream::connect(address).is_err());
}
