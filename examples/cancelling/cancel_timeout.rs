//! A timeout of 10 ms: how late is it, and does the work stop that it gave up?
//!
//! Run:  cargo run --example cancel_timeout
//! See:  a timeout is on time beside a task that waits, and as late as its
//!       neighbor computes or blocks; around work that computes all along there
//!       is none. Around a call that queues for a full pool
//!       it is on time; within the call it starts when the call does. It stops
//!       what it can drop. A task that was spawned, a call in another thread
//!       and one that still queues for it, a request at the server, a child
//!       process go on to their end, for nobody, unless dropping them is made
//!       to stop them. Of two timeouts the shorter one is told; of two that are
//!       due at once, the inner one.

use std::future::pending;
use std::io::{self, PipeWriter, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use cancelling::one_thread;
use lab::{Experiment, Kind, Run, rerun_self};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{
    AbortHandle, JoinSet, LocalSet, spawn_blocking, spawn_local,
};
use tokio::time::{self, sleep, timeout, timeout_at};

const TIMEOUT: Duration = Duration::from_millis(10);
/// What the neighbor does at a time, and the work that is given up.
const WORK: Duration = Duration::from_millis(60);
/// Between two turns of the neighbor.
const PAUSE: Duration = Duration::from_millis(3);
/// By then whatever goes on has come to its end.
const PATIENCE: Duration = Duration::from_secs(5);
/// So many works are given up.
const TIMES: usize = 10;
/// So many timeouts are timed beside a neighbor.
const TIMEOUTS: usize = 3;

fn main() -> ExitCode {
    Experiment::new("cancel_timeout", "What does a timeout stop?")
        .baseline("alone")
        .observed()
        .case("late", "a timeout of 10 ms beside a neighbor")
        .variant(Kind::Task, "alone", "nobody", |run| {
            beside(run, pending::<()>)
        })
        .variant(Kind::Task, "awaits", "it awaits 60 ms", |run| {
            beside(run, || sleep(WORK))
        })
        .variant(Kind::Task, "computes", "it computes 60 ms", |run| {
            beside(run, || async { compute() })
        })
        .variant(Kind::Task, "blocks", "it blocks 60 ms", |run| {
            beside(run, || async { thread::sleep(WORK) })
        })
        .variant(Kind::Task, "itself", "nobody, but the work computes", itself)
        .variant(Kind::Thread, "full_pool", "a full pool, around", |run| {
            beside_full_pool(run, || async {
                let _ = timeout(TIMEOUT, spawn_blocking(gives_up)).await;
            })
        })
        .variant(Kind::Thread, "full_within", "a full pool, within", |run| {
            beside_full_pool(run, || async {
                spawn_blocking(gives_up).await.expect("no panic");
            })
        })
        .case("after", "work of 60 ms, given up after 10")
        .variant(Kind::Task, "future", "a future", |run| after(run, future))
        .variant(Kind::Task, "handle", "a task, by its handle", |run| {
            after(run, handle)
        })
        .variant(Kind::Task, "set", "a task, by its JoinSet", |run| {
            after(run, set)
        })
        .variant(Kind::Task, "call", "spawn_blocking", |run| after(run, call))
        .variant(Kind::Task, "queued", "spawn_blocking, ten on one", |run| {
            after_on(&one_and_a_pool_of_one(), run, call)
        })
        .variant(Kind::Task, "queued_abort", "the same, aborted", |run| {
            after_on(&one_and_a_pool_of_one(), run, aborted)
        })
        .variant(Kind::Task, "request", "a request, at the server", request)
        .variant(Kind::Process, "child", "a child process", |run| {
            children(run, false)
        })
        .variant(Kind::Process, "kill_on_drop", "kill_on_drop", |run| {
            children(run, true)
        })
        .case("nested", "a timeout within another, of 10 ms and of 40")
        .variant(Kind::Task, "outer", "the outer is shorter", |run| {
            nested(run, TIMEOUT, 4 * TIMEOUT)
        })
        .variant(Kind::Task, "inner", "the inner is shorter", |run| {
            nested(run, 4 * TIMEOUT, TIMEOUT)
        })
        .variant(Kind::Task, "at_once", "both are due at once", |run| {
            nested(run, TIMEOUT, TIMEOUT)
        })
        .child("work", |_| {
            thread::sleep(WORK);
            print!(".");
        })
        .run()
}

/// Timeouts of what never comes, while the neighbor works, time after time.
fn beside<N>(run: &mut Run, neighbor: impl Fn() -> N + 'static) -> usize
where
    N: Future<Output = ()> + 'static,
{
    let timeouts = async {
        let neighbor = spawn_local(async move {
            loop {
                neighbor().await;
                sleep(PAUSE).await;
            }
        });
        let mut late_ms = Vec::new();
        for _ in 0..TIMEOUTS {
            let due = Instant::now() + TIMEOUT;
            let given_up = timeout(TIMEOUT, pending::<()>()).await;
            given_up.expect_err("it never comes");
            late_ms.push(due.elapsed().as_secs_f64() * 1e3);
        }
        neighbor.abort();
        late_ms
    };
    let late = one_thread().block_on(LocalSet::new().run_until(timeouts));
    latest(run, &late)
}

/// Timeouts around work that does not give way before its end.
fn itself(run: &mut Run) -> usize {
    let (mut late_ms, mut timed_out) = (Vec::new(), 0);
    one_thread().block_on(async {
        for _ in 0..TIMEOUTS {
            let due = Instant::now() + TIMEOUT;
            let outcome = timeout(TIMEOUT, async { compute() }).await;
            timed_out += usize::from(outcome.is_err());
            late_ms.push(due.elapsed().as_secs_f64() * 1e3);
        }
    });
    run.metric("timed_out", timed_out as f64);
    latest(run, &late_ms)
}

/// Each time the pool's one thread is at work when our call comes.
fn beside_full_pool<C: Future<Output = ()>>(
    run: &mut Run,
    ours: impl Fn() -> C,
) -> usize {
    let late = one_and_a_pool_of_one().block_on(async {
        let mut late_ms = Vec::new();
        for _ in 0..TIMEOUTS {
            let others = spawn_blocking(|| thread::sleep(WORK));
            let due = Instant::now() + TIMEOUT;
            ours().await;
            late_ms.push(due.elapsed().as_secs_f64() * 1e3);
            others.await.expect("no panic");
        }
        late_ms
    });
    latest(run, &late)
}

/// A call with a timeout of its own, as a socket has one.
fn gives_up() {
    let (_to, from) = mpsc::channel::<()>();
    from.recv_timeout(TIMEOUT).expect_err("it never comes");
}

fn one_and_a_pool_of_one() -> Runtime {
    let mut runtime = Builder::new_current_thread();
    let runtime = runtime.enable_all().max_blocking_threads(1).build();
    runtime.expect("tokio starts on this thread")
}

fn latest(run: &mut Run, late_ms: &[f64]) -> usize {
    run.metric("late_max_ms", late_ms.iter().copied().fold(0.0, f64::max));
    late_ms.len()
}

/// Who is told, and when?
fn nested(run: &mut Run, outer: Duration, inner: Duration) -> &'static str {
    let began = Instant::now();
    let told = one_thread().block_on(async {
        let now = time::Instant::now();
        let inner = timeout_at(now + inner, pending::<()>());
        match timeout_at(now + outer, inner).await {
            Ok(Err(_)) => "the inner",
            Err(_) => "the outer",
            Ok(Ok(())) => unreachable!("it never comes"),
        }
    });
    run.metric("told_ms", began.elapsed().as_secs_f64() * 1e3);
    run.metric("told_inner", f64::from(told == "the inner"));
    told
}

fn compute() {
    let began = Instant::now();
    while began.elapsed() < WORK {
        std::hint::spin_loop();
    }
}

/// Counts works that have come to their end.
#[derive(Clone, Default)]
struct Done(Arc<AtomicU64>);

impl Done {
    fn add(&self) {
        self.0.fetch_add(1, Relaxed);
    }
}

// ANCHOR: after
async fn future(done: Done) {
    sleep(WORK).await; // dropped here
    done.add();
}

async fn handle(done: Done) {
    let task = tokio::spawn(future(done));
    task.await.expect("no panic"); // the handle is dropped, not the task
}

async fn set(done: Done) {
    let mut tasks = JoinSet::new(); // which aborts its tasks when dropped
    tasks.spawn(future(done));
    tasks.join_all().await;
}

async fn call(done: Done) {
    let call = spawn_blocking(move || {
        thread::sleep(WORK); // nobody can take a thread's turn away
        done.add();
    });
    call.await.expect("no panic");
}
// ANCHOR_END: after

// ANCHOR: aborted
async fn aborted(done: Done) {
    let call = spawn_blocking(move || {
        thread::sleep(WORK);
        done.add();
    });
    let _abort = Aborts(call.abort_handle());
    call.await.expect("no panic");
}

/// What has not begun is taken out of the queue when this is dropped.
struct Aborts(AbortHandle);

impl Drop for Aborts {
    fn drop(&mut self) {
        self.0.abort();
    }
}
// ANCHOR_END: aborted

/// Gives ten works up at once; how many go on to their end?
fn after<W>(run: &mut Run, work: impl Fn(Done) -> W) -> String
where
    W: Future<Output = ()> + Send + 'static,
{
    after_on(&one_thread(), run, work)
}

fn after_on<W>(
    runtime: &Runtime,
    run: &mut Run,
    work: impl Fn(Done) -> W,
) -> String
where
    W: Future<Output = ()> + Send + 'static,
{
    let done = Done::default();
    runtime.block_on(async {
        give_up(run, || work(done.clone())).await;
        // Each has its clone, until it is done or dropped.
        let began = Instant::now();
        while Arc::strong_count(&done.0) > 1 && began.elapsed() < PATIENCE {
            sleep(PAUSE).await;
        }
    });
    went_on(run, done.0.load(Relaxed))
}

fn request(run: &mut Run) -> String {
    let done = Done::default();
    let (address, server) = serve(done.clone());
    one_thread().block_on(give_up(run, || async move {
        ask(address).await.expect("the server answers");
    }));
    server.join().expect("the server has served all of them");
    went_on(run, done.0.load(Relaxed))
}

async fn ask(address: SocketAddr) -> io::Result<()> {
    let mut server = TcpStream::connect(address).await?;
    server.write_all(b"?").await?;
    server.read_exact(&mut [0]).await?;
    Ok(())
}

/// Answers ten questions, each after its work, and counts what it has done.
fn serve(done: Done) -> (SocketAddr, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let server = thread::spawn(move || {
        thread::scope(|scope| {
            for client in listener.incoming().take(TIMES) {
                let (mut client, done) = (client.expect("one waits"), &done);
                scope.spawn(move || {
                    client.read_exact(&mut [0]).expect("a question");
                    thread::sleep(WORK);
                    done.add();
                    // It may have gone, and we would not have known.
                    let _ = client.write_all(b"!");
                });
            }
        });
    });
    (address, server)
}

/// Each says one byte at its end, into a pipe that is at its own end when all
/// of them are.
fn children(run: &mut Run, kill_on_drop: bool) -> String {
    let (mut said, to_us) = io::pipe().expect("a pipe");
    let runtime = one_thread();
    runtime.block_on(give_up(run, || child(&to_us, kill_on_drop)));
    drop(to_us);
    let mut ended = Vec::new();
    said.read_to_end(&mut ended).expect("a pipe that can be read");
    went_on(run, ended.len() as u64)
}

// ANCHOR: child
fn child(
    to_us: &PipeWriter,
    kill_on_drop: bool,
) -> impl Future<Output = ()> + use<> {
    let mut command = rerun_self("work", &[]).expect("our path");
    command.stdout(to_us.try_clone().expect("a pipe can be shared"));
    let mut command = Command::from(command);
    command.kill_on_drop(kill_on_drop); // false, unless one says so
    async move {
        let mut child = command.spawn().expect("a child process");
        child.wait().await.expect("it ends");
    }
}
// ANCHOR_END: child

async fn give_up<W>(run: &mut Run, work: impl Fn() -> W)
where
    W: Future<Output = ()> + Send + 'static,
{
    let mut all = JoinSet::new();
    for _ in 0..TIMES {
        let work = work();
        all.spawn(async { timeout(TIMEOUT, work).await.is_err() });
    }
    let given_up = all.join_all().await;
    let given_up = given_up.into_iter().filter(|&given_up| given_up).count();
    run.metric("given_up", given_up as f64);
}

fn went_on(run: &mut Run, ended: u64) -> String {
    run.metric("went_on", ended as f64);
    format!("{ended} of {TIMES} went on")
}
