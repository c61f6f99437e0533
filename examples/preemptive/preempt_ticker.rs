//! A ticker that should wake every 10 ms, beside a hog, on one core.
//!
//! Run:  cargo run --example preempt_ticker
//! See:  beside a hog in another thread the ticker is late by some
//!       milliseconds at most, beside eight hogs by not much more. As a task
//!       beside a task that hogs their thread, it is late by the hog's burst.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lab::timeline::{Lane, Recorder, State, now_ns};
use lab::{Experiment, Kind, Run, os};

const TICKS: usize = 12;
const PERIOD: Duration = Duration::from_millis(10);
const BURST: Duration = Duration::from_millis(50);

fn main() -> ExitCode {
    Experiment::new(
        "preempt_ticker",
        "How late is a 10 ms ticker beside a hog on its core?",
    )
    .baseline("none")
    .variant(Kind::Alone, "alone", "no hog", |run| threads(run, &[]))
    .variant(Kind::Thread, "threads", "a hog in another thread", |run| {
        threads(run, &[0])
    })
    .variant(Kind::Thread, "niced", "that hog at nice 19", |run| {
        threads(run, &[19])
    })
    .variant(Kind::Thread, "crowd", "8 hogs, a thread each", |run| {
        threads(run, &[0; 8])
    })
    .variant(Kind::Task, "tasks", "a hog in another task", |run| {
        // A thread of its own, so that only that is kept on one core.
        thread::scope(|scope| scope.spawn(|| tasks(run)).join().unwrap())
    })
    .run()
}

// ANCHOR: threads
fn threads(run: &mut Run, hogs: &[i32]) -> String {
    let over = &AtomicBool::new(false);
    let epoch = now_ns();
    thread::scope(|scope| {
        let hogs: Vec<_> = (hogs.iter())
            .map(|&nice| {
                scope.spawn(move || {
                    on_one_core();
                    os::be_nice(nice);
                    let mut lane = Recorder::start("hog", epoch);
                    while !over.load(Ordering::Relaxed) {
                        lane.note(); // never waits, never gives way
                    }
                    lane.finish()
                })
            })
            .collect();
        let ticker = scope.spawn(move || {
            on_one_core();
            let mut ticker = Ticker::start(epoch);
            while let Some(pause) = ticker.pause() {
                thread::sleep(pause);
                ticker.tick();
            }
            over.store(true, Ordering::Relaxed);
            ticker.finish()
        });
        let (ticker, late) = ticker.join().unwrap();
        let hogs = hogs.into_iter().map(|hog| hog.join().unwrap());
        conclude(run, late, [ticker].into_iter().chain(hogs).collect())
    })
}
// ANCHOR_END: threads

// ANCHOR: tasks
fn tasks(run: &mut Run) -> String {
    on_one_core();
    let epoch = now_ns();
    let over = Arc::new(AtomicBool::new(false));
    let (ticker, late, hog) = one_thread().block_on(async {
        let hog = tokio::spawn(hog(epoch, Arc::clone(&over)));
        let mut ticker = Ticker::start(epoch);
        while let Some(pause) = ticker.pause() {
            tokio::time::sleep(pause).await;
            ticker.tick();
        }
        over.store(true, Ordering::Relaxed);
        let (ticker, late) = ticker.finish();
        (ticker, late, hog.await.expect("a task"))
    });
    conclude(run, late, vec![ticker, hog])
}

async fn hog(epoch_ns: u64, over: Arc<AtomicBool>) -> Lane {
    let mut lane = Recorder::start("hog", epoch_ns);
    while !over.load(Ordering::Relaxed) {
        let burst = Instant::now();
        while burst.elapsed() < BURST {
            lane.note(); // no other task can run now
        }
        lane.enter(State::WaitingIo);
        tokio::task::yield_now().await;
        lane.leave_wait(State::Running);
    }
    lane.finish()
}
// ANCHOR_END: tasks

fn one_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime")
}

fn on_one_core() {
    if let Some(cpus) = os::allowed_cpus() {
        os::pin_to(&cpus[..1]);
    }
}

struct Ticker {
    lane: Recorder,
    started: Instant,
    due: Duration,
    late: Vec<Duration>,
}

impl Ticker {
    fn start(epoch_ns: u64) -> Ticker {
        let mut lane = Recorder::start("ticker", epoch_ns);
        lane.enter(State::WaitingIo);
        let started = Instant::now();
        Ticker { lane, started, due: PERIOD, late: Vec::new() }
    }

    /// How long until the next tick; `None` after the last.
    fn pause(&self) -> Option<Duration> {
        let pause = self.due.saturating_sub(self.started.elapsed());
        (self.late.len() < TICKS).then_some(pause)
    }

    /// Ticks that were missed altogether are skipped.
    fn tick(&mut self) {
        self.lane.leave_wait(State::Running);
        let now = self.started.elapsed();
        self.late.push(now.saturating_sub(self.due));
        while self.due <= now {
            self.due += PERIOD;
        }
        self.lane.enter(State::WaitingIo);
    }

    /// Ends the lane, in the thread that it is about.
    fn finish(self) -> (Lane, Vec<Duration>) {
        (self.lane.finish(), self.late)
    }
}

fn conclude(
    run: &mut Run,
    mut late: Vec<Duration>,
    lanes: Vec<Lane>,
) -> String {
    run.stop_clock();
    late.sort_unstable();
    let ms = |late: Duration| late.as_secs_f64() * 1e3;
    run.metric("late_p50_ms", ms(late[late.len() / 2]));
    run.metric("late_worst_ms", ms(late[late.len() - 1]));
    run.timeline(lanes);
    format!("{} ticks", late.len())
}
