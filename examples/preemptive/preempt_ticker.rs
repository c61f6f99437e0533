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
use preemptive::ticker::{Ticker, conclude};
use preemptive::{on_one_core, one_thread};

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

fn threads(run: &mut Run, hogs: &[i32]) -> String {
    let over = &AtomicBool::new(false);
    let gate = &run.gate(hogs.len() + 1);
    thread::scope(|scope| {
        let hogs: Vec<_> = (hogs.iter())
            .map(|&nice| {
                scope.spawn(move || {
                    on_one_core();
                    os::be_nice(nice);
                    gate.wait();
                    let mut lane = Recorder::start("hog", gate.began_ns());
                    while !over.load(Ordering::Relaxed) {
                        lane.note(); // never waits, never gives way
                    }
                    lane.finish()
                })
            })
            .collect();
        let ticker = scope.spawn(move || {
            on_one_core();
            gate.wait();
            let mut ticker = Ticker::start(gate.began_ns());
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

fn tasks(run: &mut Run) -> String {
    on_one_core();
    let runtime = one_thread();
    run.start_clock();
    let epoch = now_ns();
    let over = Arc::new(AtomicBool::new(false));
    let (ticker, late, hog) = runtime.block_on(async {
        let hog = tokio::spawn(hog(epoch, Arc::clone(&over)));
        let mut ticker = Ticker::start(epoch);
        while let Some(pause) = ticker.pause() {
            tokio::time::sleep(pause).await;
            ticker.tick();
        }
        over.store(true, Ordering::Relaxed);
        let (ticker, late) = ticker.finish();
        (ticker, late, hog.await.expect("the hog does not panic"))
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
