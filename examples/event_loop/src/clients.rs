//! The same small HTTP client three times: in threads, in tasks of tokio, in
//! tasks of our own loop. A real client would look at the headers; these know
//! their server.

use std::fmt::Debug;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, Builder};

use lab::Run;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;

use crate::server::HOSTS;
use crate::{EventLoop, Handle};

/// What to ask whom.
#[derive(Clone)]
pub struct Site {
    address: SocketAddr,
    query: String,
}

impl Site {
    /// A server that listens at `address`, and how it is to answer.
    pub fn new(address: SocketAddr, query: &str) -> Site {
        Site { address, query: query.into() }
    }

    /// Where to send request `n`.
    pub fn address(&self, n: u64) -> SocketAddr {
        let host = 1 + (n % u64::from(HOSTS)) as u8;
        SocketAddr::from(([127, 0, 0, host], self.address.port()))
    }

    /// For clients that speak HTTP by themselves.
    pub fn url(&self, n: u64) -> String {
        format!("http://{}/{n}?{}", self.address(n), self.query)
    }

    fn request(&self, n: u64) -> String {
        let query = &self.query;
        format!("GET /{n}?{query} HTTP/1.1\r\nhost: localhost\r\n\r\n")
    }

    /// The most requests that the server had open at once, since it was last
    /// asked.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn peak(&self) -> io::Result<u64> {
        let mut connection = TcpStream::connect(self.address)?;
        connection.write_all(b"GET /peak HTTP/1.1\r\n\r\n")?;
        let mut response = Vec::new();
        connection.read_to_end(&mut response)?;
        answer(&response)
    }
}

// ANCHOR: fetch
/// On a thread: each call keeps the thread until the kernel is done.
pub fn fetch(site: &Site, n: u64) -> io::Result<u64> {
    let mut connection = TcpStream::connect(site.address(n))?;
    connection.write_all(site.request(n).as_bytes())?;
    let mut response = Vec::new();
    connection.read_to_end(&mut response)?;
    answer(&response)
}

/// In a task of tokio: at each `await` the thread may turn to another task.
pub async fn fetch_tokio(site: Site, n: u64) -> io::Result<u64> {
    let mut connection =
        tokio::net::TcpStream::connect(site.address(n)).await?;
    connection.write_all(site.request(n).as_bytes()).await?;
    let mut response = Vec::new();
    connection.read_to_end(&mut response).await?;
    answer(&response)
}

/// In a task of our own loop.
pub async fn fetch_own(handle: Handle, site: Site, n: u64) -> io::Result<u64> {
    let connection =
        crate::TcpStream::connect(&handle, site.address(n)).await?;
    connection.write_all(site.request(n).as_bytes()).await?;
    let response = connection.read_to_end().await?;
    answer(&response)
}
// ANCHOR_END: fetch

fn answer(response: &[u8]) -> io::Result<u64> {
    let text = String::from_utf8_lossy(response);
    let body = text.rsplit("\r\n\r\n").next().unwrap_or_default();
    body.parse().map_err(|_| io::Error::other(format!("no number: {text:?}")))
}

/// Little, since these threads do little, and there are to be thousands.
const STACK: usize = 64 << 10;

/// A thread for each request, made for it; returns the sum of the answers.
///
/// # Errors
/// When a request is not answered, or a thread cannot be started.
pub fn threads(site: &Site, count: u64) -> io::Result<u64> {
    thread::scope(|scope| {
        let start = |n| {
            let builder = Builder::new().stack_size(STACK);
            builder.spawn_scoped(scope, move || fetch(site, n))
        };
        let all: Vec<_> = (0..count).map(start).collect::<io::Result<_>>()?;
        all.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

/// A task for each request, on whatever runtime runs this.
///
/// # Errors
/// When a request is not answered; the other tasks end then.
pub async fn tokio_tasks(site: &Site, count: u64) -> io::Result<u64> {
    let mut all = JoinSet::new();
    for n in 0..count {
        all.spawn(fetch_tokio(site.clone(), n));
    }
    sum(all).await
}

/// `workers` tasks; whichever is free takes the next number, as the threads of
/// the function [`workers`] do.
///
/// # Errors
/// When a request is not answered; the other tasks end then.
pub async fn tokio_workers(
    site: &Site,
    count: u64,
    workers: usize,
) -> io::Result<u64> {
    let next = Arc::new(AtomicU64::new(0));
    let mut all = JoinSet::new();
    for _ in 0..workers {
        let (next, site) = (Arc::clone(&next), site.clone());
        all.spawn(async move {
            let mut sum = 0;
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= count {
                    return Ok(sum);
                }
                sum += fetch_tokio(site.clone(), n).await?;
            }
        });
    }
    sum(all).await
}

async fn sum(mut all: JoinSet<io::Result<u64>>) -> io::Result<u64> {
    let mut sum = 0;
    while let Some(answer) = all.join_next().await {
        // At an error the set is dropped, and ends the tasks still in it.
        sum += answer.expect("no task panics")?;
    }
    Ok(sum)
}

/// A task for each request, on our own loop.
///
/// # Errors
/// When a request is not answered; the other tasks end with the loop.
pub fn own_tasks(
    event_loop: &EventLoop,
    site: &Site,
    count: u64,
) -> io::Result<u64> {
    let handle = event_loop.handle();
    event_loop.run(async {
        let start =
            |n| handle.spawn(fetch_own(handle.clone(), site.clone(), n));
        let all: Vec<_> = (0..count).map(start).collect();
        let mut sum = 0;
        for task in all {
            sum += task.await?;
        }
        Ok(sum)
    })
}

/// Does `work` under the clock; what it needs was made before.
///
/// # Panics
/// When a request is not answered.
pub fn timed<E: Debug>(
    run: &mut Run,
    work: impl FnOnce() -> Result<u64, E>,
) -> u64 {
    run.start_clock();
    let sum = work();
    run.stop_clock();
    sum.expect("every request is answered")
}

/// `workers` threads; whichever is free takes the next number and does `work`.
/// The clock runs from when all of them are there until the last one is done.
///
/// # Errors
/// When the work has one.
pub fn pool<E: Send>(
    run: &mut Run,
    workers: usize,
    count: u64,
    work: impl Fn(u64) -> Result<u64, E> + Sync,
) -> Result<u64, E> {
    let next = AtomicU64::new(0);
    let worker = |_| -> Result<u64, E> {
        let mut sum = 0;
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= count {
                return Ok(sum);
            }
            sum += work(n)?;
        }
    };
    run.together(workers, worker).into_iter().sum()
}

/// [`pool`] with bare sockets.
///
/// # Errors
/// When a request is not answered.
pub fn workers(
    run: &mut Run,
    site: &Site,
    count: u64,
    workers: usize,
) -> io::Result<u64> {
    pool(run, workers, count, |n| fetch(site, n))
}
