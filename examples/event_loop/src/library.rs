//! What most programs would use instead of bare sockets: reqwest, in threads
//! and in tasks. It is one library with two faces, and both ask in tasks: the
//! blocking one runs a tokio runtime in a thread of its own, to which each
//! caller's thread hands its request, and waits. To compare threads with tasks
//! take bare sockets.

use std::sync::Arc;

use lab::Run;
use reqwest::{Client, Result, blocking};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::Site;
use crate::clients::pool;

// ANCHOR: reqwest
/// `threads` of them; whichever is free takes the next URL.
pub fn in_threads(
    run: &mut Run,
    client: &blocking::Client,
    site: &Site,
    count: u64,
    threads: usize,
) -> Result<u64> {
    pool(run, threads, count, |n| {
        let text = client.get(site.url(n)).send()?.text()?;
        Ok(text.parse::<u64>().expect("a number"))
    })
}

/// A task for each URL, of which `limit` may have a request open.
pub async fn in_tasks(
    client: &Client,
    site: &Site,
    count: u64,
    limit: usize,
) -> Result<u64> {
    let places = Arc::new(Semaphore::new(limit));
    let mut all = JoinSet::new();
    for n in 0..count {
        let (client, url) = (client.clone(), site.url(n));
        let places = Arc::clone(&places);
        all.spawn(async move {
            let _place = places.acquire().await;
            let text = client.get(url).send().await?.text().await?;
            Ok(text.parse::<u64>().expect("a number"))
        });
    }
    let mut sum = 0;
    while let Some(answer) = all.join_next().await {
        // At an error the set is dropped, and ends the tasks still in it.
        sum += answer.expect("no task panics")?;
    }
    Ok(sum)
}
// ANCHOR_END: reqwest

/// For tasks. No proxy stands between us and ourselves.
///
/// # Panics
/// When it cannot be made.
pub fn client() -> Client {
    Client::builder().no_proxy().build().expect("reqwest makes a client")
}

/// For threads.
///
/// # Panics
/// When it cannot be made.
pub fn blocking_client() -> blocking::Client {
    blocking::Client::builder()
        .no_proxy()
        .build()
        .expect("reqwest makes a client")
}

/// A loop of tokio's on one thread, the caller's.
///
/// # Panics
/// When it cannot be made.
pub fn one_thread() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("tokio starts here")
}

/// A loop of tokio's with `workers` threads.
///
/// # Panics
/// When it cannot be made.
pub fn several_threads(workers: usize) -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()
        .expect("tokio starts its workers")
}
