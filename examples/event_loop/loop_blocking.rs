//! A ticker that is due every 10 ms, and a neighbor that makes a call of 100 ms
//! every now and then: how late does the ticker get?
//!
//! Run:  cargo run --example loop_blocking
//! See:  the worst tick is late by most of the call when the neighbor blocks
//!       the thread, and by little when it awaits, or sends the call to a
//!       thread. A second worker thread helps if something keeps it awake, or
//!       wakes it when the call begins, and not otherwise.
//!
//! A tick's lateness is taken against the time it was due at from the start, so
//! the ticks that pile up behind a blocking call all count.

use std::future::{Future, pending};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use event_loop::EventLoop;
use event_loop::library::{one_thread, several_threads};
use event_loop::ticks::{self, ticker};
use lab::timeline::{Span, State, now_ns};
use lab::{Experiment, Kind, Run, os};
use tokio::runtime::Runtime;
use tokio::task::{block_in_place, spawn_blocking, yield_now};
use tokio::time::{sleep, sleep_until};

const CALL: Duration = Duration::from_millis(100);
/// Between two calls. Not a multiple of the tick, so that the neighbor is alone
/// when it wakes.
const PAUSE: Duration = Duration::from_millis(53);

fn main() -> ExitCode {
    let question = "How late is a tick beside a call of 100 ms?";
    Experiment::new("loop_blocking", question)
        .baseline("rest")
        .variant(Kind::Task, "rest", "no neighbor", |run| {
            tokio(run, one_thread(), State::WaitingIo, pending)
        })
        .variant(Kind::Task, "awaiting", "the neighbor awaits", |run| {
            tokio(run, one_thread(), State::WaitingIo, || sleep(CALL))
        })
        .variant(Kind::Task, "blocking", "it blocks the thread", |run| {
            tokio(run, one_thread(), State::Running, blocks)
        })
        .variant(Kind::Task, "spawn_blocking", "spawn_blocking", |run| {
            tokio(run, one_thread(), State::WaitingIo, elsewhere)
        })
        .variant(Kind::Task, "workers_2", "it blocks 1 worker of 2", |run| {
            tokio(run, several_threads(2), State::Running, blocks)
        })
        .variant(Kind::Task, "workers_8", "it blocks 1 worker of 8", |run| {
            tokio(run, several_threads(8), State::Running, blocks)
        })
        .variant(Kind::Task, "workers_2_due", "1 of 2, a tick is due", |run| {
            on_a_tick(run, several_threads(2))
        })
        .variant(Kind::Task, "workers_2_awake", "1 of 2, other awake", |run| {
            let runtime = several_threads(2);
            runtime.spawn(restless());
            tokio(run, runtime, State::Running, blocks)
        })
        .variant(Kind::Task, "block_in_place", "block_in_place", |run| {
            let runtime = several_threads(2);
            tokio(run, runtime, State::Running, hands_over)
        })
        .variant(Kind::Task, "own", "our own loop, no neighbor", |run| {
            own(run, false)
        })
        .variant(Kind::Task, "own_blocking", "our own, it blocks", |run| {
            own(run, true)
        })
        .run()
}

// ANCHOR: calls
async fn blocks() {
    thread::sleep(CALL); // or any other call that returns when it is done
}

async fn elsewhere() {
    let call = spawn_blocking(|| thread::sleep(CALL));
    call.await.expect("no panic");
}

async fn hands_over() {
    // The worker's other tasks move to another thread first.
    block_in_place(|| thread::sleep(CALL));
}

async fn restless() {
    loop {
        yield_now().await;
    }
}
// ANCHOR_END: calls

/// Runs the ticker as a task beside a neighbor that makes `call`; `state` is
/// what the neighbor's lane shows meanwhile.
fn tokio<C>(
    run: &mut Run,
    runtime: Runtime,
    state: State,
    call: impl Fn() -> C + Send + 'static,
) -> usize
where
    C: Future<Output = ()> + Send + 'static,
{
    let pause = |_| sleep(PAUSE);
    beside(run, runtime, state, pause, call)
}

/// The same, but the neighbor's call begins whenever a tick is due: the loop
/// has two tasks that are ready at once.
fn on_a_tick(run: &mut Run, runtime: Runtime) -> usize {
    const EVERY: Duration = Duration::from_millis(150);
    let mut n = 0;
    let pause = move |began: Instant| {
        n += 1;
        sleep_until((began + n * EVERY).into())
    };
    beside(run, runtime, State::Running, pause, blocks)
}

fn beside<P, C>(
    run: &mut Run,
    runtime: Runtime,
    state: State,
    mut pause: impl FnMut(Instant) -> P + Send + 'static,
    call: impl Fn() -> C + Send + 'static,
) -> usize
where
    P: Future<Output = ()> + Send + 'static,
    C: Future<Output = ()> + Send + 'static,
{
    let (epoch, began) = (now_ns(), Instant::now());
    let (note, calls) = mpsc::channel();
    let neighbor = runtime.spawn(async move {
        loop {
            pause(began).await;
            let from_ns = now_ns() - epoch;
            let core = os::current_cpu();
            call().await;
            let core = core.filter(|_| state == State::Running);
            let to_ns = now_ns() - epoch;
            let _ = note.send(Span { state, from_ns, to_ns, core });
        }
    });
    run.start_clock();
    let ticks = runtime.spawn(ticker(began, |due| sleep_until(due.into())));
    let ticks = runtime.block_on(ticks).expect("no task panics");
    run.stop_clock();
    neighbor.abort();
    let _ = runtime.block_on(neighbor); // a call that has begun ends first
    ticks::draw(run, epoch, &ticks, calls.try_iter().collect());
    ticks::note(run, &ticks)
}

fn own(run: &mut Run, with_neighbor: bool) -> usize {
    let event_loop = EventLoop::new().expect("the kernel has a poller");
    let handle = event_loop.handle();
    if with_neighbor {
        let handle = handle.clone();
        handle.clone().spawn(async move {
            loop {
                handle.sleep(PAUSE).await;
                blocks().await;
            }
        });
    }
    run.start_clock();
    let ticker = ticker(Instant::now(), |due| handle.sleep_until(due));
    let ticks = event_loop.run(ticker);
    run.stop_clock();
    ticks::note(run, &ticks)
}
