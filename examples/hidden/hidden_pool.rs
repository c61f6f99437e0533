//! The threads for blocking calls are all taken. What else goes through that
//! pool, unasked, and how long does it wait?
//!
//! Run:  cargo run --example hidden_pool
//! See:  beside 24 jobs of 20 ms on 8 threads, a file, a host's name, and a
//!       request by reqwest wait for most of 60 ms; to connect to an address
//!       waits for nothing. A pool of 512 threads is filled as well, by more
//!       jobs. Jobs in a pool of their own, or let in four at a time, hold up
//!       nobody.

use std::future::Future;
use std::net::TcpListener;
use std::process::{self, ExitCode};
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs, thread};

use lab::{Experiment, Kind, Run};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::time::sleep;

/// One blocking call of somebody else's.
const JOB: Duration = Duration::from_millis(20);
/// So many for each thread of a pool.
const EACH: usize = 3;
const SIZE: usize = 8;
const JOBS: usize = EACH * SIZE;
/// By then the first of them have begun.
const BEGUN: Duration = Duration::from_millis(1);
/// What tokio makes unless it is told otherwise.
const DEFAULT: usize = 512;

/// A pool and what fills it: the size, and how the jobs are sent; the second
/// runtime is there for those that do not go to the first.
struct Pool {
    name: &'static str,
    label: &'static str,
    size: usize,
    send: fn(&Runtime, &Runtime),
}

const fn pool(
    name: &'static str,
    label: &'static str,
    size: usize,
    send: fn(&Runtime, &Runtime),
) -> Pool {
    Pool { name, label, size, send }
}

const IDLE: Pool = pool("idle", "no jobs", SIZE, |_, _| ());
const FULL: Pool = pool("full", "8 threads, 24 jobs", SIZE, |shared, _| {
    fill(shared, JOBS);
});
const OWN: Pool =
    pool("own", "8, jobs in their own pool", SIZE, |_, own| fill(own, JOBS));
const GATED: Pool = pool("gated", "8, jobs 4 at a time", SIZE, |shared, _| {
    gated(shared, SIZE / 2);
});
const LARGER: Pool =
    pool("larger", "32 threads, 24 jobs", 4 * SIZE, |shared, _| {
        fill(shared, JOBS);
    });
const WHOLE: Pool =
    pool("default", "512 threads, 1,536 jobs", DEFAULT, |shared, _| {
        fill(shared, EACH * DEFAULT);
    });

fn main() -> ExitCode {
    let question = "The pool is full: how long does a file, or a name, wait?";
    let mut experiment =
        Experiment::new("hidden_pool", question).baseline("idle");
    experiment = experiment.case("name", "connect by name");
    for pool in [IDLE, FULL, LARGER, WHOLE, GATED, OWN] {
        experiment = with(experiment, pool, connect_by_name);
    }
    experiment = experiment.case("address", "connect by address");
    for pool in [IDLE, FULL] {
        experiment = with(experiment, pool, connect_by_address);
    }
    experiment = experiment.case("file", "read a file");
    for pool in [IDLE, FULL, OWN] {
        experiment = with(experiment, pool, read_file);
    }
    experiment = experiment.case("request", "a request by reqwest");
    for pool in [IDLE, FULL, OWN] {
        experiment = with(experiment, pool, request);
    }
    experiment.run()
}

fn with<F>(experiment: Experiment, pool: Pool, ask: fn(Site) -> F) -> Experiment
where
    F: Future<Output = String> + 'static,
{
    let Pool { name, label, size, send } = pool;
    experiment.variant(Kind::Task, name, label, move |run| {
        let (shared, own) = (runtime(size), runtime(SIZE));
        let site = Site::open(&shared);
        send(&shared, &own);
        shared.block_on(async { sleep(BEGUN).await });
        let answer = timed(run, &shared, ask(site.clone()));
        // What is queued is given up, what has begun ends first.
        shared.shutdown_timeout(Duration::from_secs(10));
        own.shutdown_timeout(Duration::from_secs(10));
        site.close();
        answer
    })
}

fn timed(
    run: &mut Run,
    runtime: &Runtime,
    ask: impl Future<Output = String>,
) -> String {
    run.start_clock();
    let answer = runtime.block_on(ask);
    run.stop_clock();
    answer
}

fn runtime(size: usize) -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().max_blocking_threads(size).build().expect("a loop")
}

// ANCHOR: jobs
/// Sends all of them at once. This never waits: the queue has no bound.
fn fill(runtime: &Runtime, jobs: usize) {
    for _ in 0..jobs {
        runtime.spawn_blocking(|| thread::sleep(JOB));
    }
}

/// Sends so many at a time; the others wait here, in tasks.
fn gated(runtime: &Runtime, at_once: usize) {
    let places = Arc::new(Semaphore::new(at_once));
    for _ in 0..JOBS {
        let places = Arc::clone(&places);
        runtime.spawn(async move {
            let _place = places.acquire().await.expect("nobody closes it");
            let job = tokio::task::spawn_blocking(|| thread::sleep(JOB));
            job.await.unwrap_or_default(); // not when the runtime ends
        });
    }
}
// ANCHOR_END: jobs

// ANCHOR: asks
async fn connect_by_name(site: Site) -> String {
    let name = ("localhost", site.port); // looked up in the pool
    connected(TcpStream::connect(name).await.is_ok())
}

async fn connect_by_address(site: Site) -> String {
    let address = ("127.0.0.1", site.port); // nothing to look up
    connected(TcpStream::connect(address).await.is_ok())
}

async fn read_file(site: Site) -> String {
    tokio::fs::read_to_string(&site.path).await.expect("a file")
}

async fn request(site: Site) -> String {
    let url = format!("http://localhost:{}/", site.port);
    let answer = reqwest::get(url).await.expect("an answer");
    answer.text().await.expect("text")
}
// ANCHOR_END: asks

fn connected(yes: bool) -> String {
    if yes { "connected" } else { "refused" }.into()
}

/// What there is to ask for: a file, and a server that says the same.
#[derive(Clone)]
struct Site {
    port: u16,
    path: std::path::PathBuf,
}

impl Site {
    fn open(runtime: &Runtime) -> Site {
        let name = format!("hidden-pool-{}", process::id());
        let path = env::temp_dir().join(name);
        fs::write(&path, "hello").expect("a file in the temporary folder");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("it is bound").port();
        listener.set_nonblocking(true).expect("a socket");
        runtime.spawn(serve(listener));
        Site { port, path }
    }

    fn close(self) {
        fs::remove_file(self.path).expect("our file");
    }
}

/// Answers whoever asks. It needs no thread but the loop's.
async fn serve(listener: TcpListener) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("ours");
    while let Ok((mut client, _)) = listener.accept().await {
        let mut request = [0; 1024];
        if client.read(&mut request).await.is_ok_and(|bytes| bytes > 0) {
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
            client.write_all(answer.as_bytes()).await.unwrap_or_default();
        }
    }
}
