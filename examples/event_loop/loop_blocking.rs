//! A ticker that is due every 10 ms, and a neighbor that makes a call of 100 ms
//! every now and then: how late does the ticker get?
//!
//! Run:  cargo run --example loop_blocking
//! See:  the worst tick is late by most of the call when the neighbor blocks
//!       the thread, and by little when it awaits, or sends the call to a
//!       thread. A second worker thread does not help, unless something keeps
//!       it awake.
//!
//! A tick's lateness is taken against the time it was due at from the start, so
//! the ticks that pile up behind a blocking call all count.

use std::future::{Future, pending};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use event_loop::EventLoop;
use event_loop::library::{one_thread, several_threads};
use lab::timeline::{Lane, Span, State, now_ns};
use lab::{Experiment, Kind, Run, os};
use tokio::runtime::Runtime;
use tokio::task::{block_in_place, spawn_blocking, yield_now};
use tokio::time::{sleep, sleep_until};

const TICK: Duration = Duration::from_millis(10);
const TICKS: u32 = 40;
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

// ANCHOR: ticker
async fn ticker<S: Future>(
    began: Instant,
    sleep_until: impl Fn(Instant) -> S,
) -> Vec<Tick> {
    let mut ticks = Vec::new();
    for n in 1..=TICKS {
        let due = began + n * TICK;
        sleep_until(due).await;
        ticks.push(Tick { late: due.elapsed(), at_ns: now_ns() });
    }
    ticks
}
// ANCHOR_END: ticker

struct Tick {
    late: Duration,
    at_ns: u64,
}

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
    let epoch = now_ns();
    let neighbor = Arc::new(Mutex::new(Vec::new()));
    let calls = Arc::clone(&neighbor);
    let neighbor_task = runtime.spawn(async move {
        loop {
            sleep(PAUSE).await;
            let from = now_ns();
            let core = os::current_cpu();
            call().await;
            let core = core.filter(|_| state == State::Running);
            let span = span(state, epoch, from, now_ns(), core);
            calls.lock().unwrap_or_else(PoisonError::into_inner).push(span);
        }
    });
    run.start_clock();
    let ticks = runtime.spawn(ticker(Instant::now(), |due| {
        sleep_until(tokio::time::Instant::from_std(due))
    }));
    let ticks = runtime.block_on(ticks).expect("no task panics");
    run.stop_clock();
    neighbor_task.abort();
    let _ = runtime.block_on(neighbor_task); // a call that has begun ends first
    let calls = std::mem::take(
        &mut *neighbor.lock().unwrap_or_else(PoisonError::into_inner),
    );
    tell(run, epoch, &ticks, calls)
}

fn own(run: &mut Run, with_neighbor: bool) -> usize {
    let event_loop = EventLoop::new().expect("a loop");
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
    tell(run, 0, &ticks, Vec::new())
}

fn tell(run: &mut Run, epoch: u64, ticks: &[Tick], calls: Vec<Span>) -> usize {
    let mut late: Vec<f64> =
        ticks.iter().map(|tick| tick.late.as_secs_f64() * 1e3).collect();
    late.sort_by(f64::total_cmp);
    run.metric("worst_late_ms", late[late.len() - 1]);
    run.metric("median_late_ms", late[late.len() / 2]);
    if epoch > 0 {
        // A tick takes no time to speak of; a hundredth of one can be seen.
        let seen = (TICK / 100).as_nanos() as u64;
        let ticks = ticks.iter().map(|tick| {
            let from = tick.at_ns;
            span(State::Running, epoch, from, from + seen, None)
        });
        let mut spans: Vec<Span> = Vec::new();
        for tick in ticks {
            match spans.last() {
                Some(last) if last.to_ns > tick.from_ns => {}
                _ => spans.push(tick),
            }
        }
        let lane = |name: &str, spans| Lane {
            name: name.into(),
            spans,
            ..Lane::default()
        };
        run.timeline(vec![lane("ticker", spans), lane("neighbor", calls)]);
    }
    ticks.len()
}

fn span(
    state: State,
    epoch: u64,
    from: u64,
    to: u64,
    core: Option<u32>,
) -> Span {
    Span { state, from_ns: from - epoch, to_ns: to - epoch, core }
}
