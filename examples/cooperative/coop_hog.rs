//! A ticker wants to run every 10 ms. Its neighbor computes in bursts of 0, 1,
//! 10 or 100 ms and gives way only in between.
//!
//! Run:  cargo run --example coop_hog
//! See:  the ticker is as late as a burst is long. With a yield after each
//!       millisecond, or in a thread of its own on the same core, it is not.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use cooperative::one_thread_with_time;
use lab::{Experiment, Kind, Run};
use switching::rung::{cpus, on_core};
use tokio::task::yield_now;

const TICKS: u32 = 20;
const TICK: Duration = Duration::from_millis(10);
const MS: Duration = Duration::from_millis(1);

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "coop_hog",
        "How late is a ticker beside a task that computes?",
    )
    .baseline("hog");
    for ms in [0, 1, 10, 100] {
        let burst = ms * MS;
        experiment = experiment
            .case(&ms.to_string(), &format!("bursts of {ms} ms"))
            .variant(Kind::Task, "hog", "two tasks", move |run| {
                two_tasks(run, burst, burst)
            })
            .variant(Kind::Task, "cured", "a yield each ms", move |run| {
                two_tasks(run, burst, MS)
            })
            .variant(Kind::Thread, "threads", "two threads", move |run| {
                match cpus().first() {
                    Some(&core) => on_core(core, || two_threads(run, burst)),
                    None => two_threads(run, burst),
                }
            });
    }
    experiment.run()
}

// ANCHOR: hog
async fn hog(burst: Duration, piece: Duration, over: Arc<AtomicBool>) {
    while !over.load(Relaxed) {
        let mut left = burst;
        loop {
            compute(left.min(piece));
            left = left.saturating_sub(piece);
            yield_now().await; // nobody else runs before this line
            if left.is_zero() {
                break;
            }
        }
    }
}

async fn ticker(over: Arc<AtomicBool>) -> Vec<Duration> {
    let began = Instant::now();
    let mut late = Vec::new();
    for n in 1..=TICKS {
        let planned = began + n * TICK;
        tokio::time::sleep_until(planned.into()).await;
        late.push(planned.elapsed());
    }
    over.store(true, Relaxed);
    late
}
// ANCHOR_END: hog

fn two_tasks(run: &mut Run, burst: Duration, piece: Duration) -> usize {
    let over = Arc::new(AtomicBool::new(false));
    let late = one_thread_with_time().block_on(async {
        let ticker = tokio::spawn(ticker(Arc::clone(&over)));
        let hog = tokio::spawn(hog(burst, piece, over));
        hog.await.expect("no task panics");
        ticker.await.expect("no task panics")
    });
    keep(run, late)
}

fn two_threads(run: &mut Run, burst: Duration) -> usize {
    let over = AtomicBool::new(false);
    let gate = run.gate(2);
    let late = thread::scope(|scope| {
        scope.spawn(gate.then(|| {
            while !over.load(Relaxed) {
                compute(burst); // and the kernel takes the core when it wants
            }
        }));
        gate.wait();
        let began = Instant::now();
        let mut late = Vec::new();
        for n in 1..=TICKS {
            let planned = began + n * TICK;
            thread::sleep(planned.saturating_duration_since(Instant::now()));
            late.push(planned.elapsed());
        }
        over.store(true, Relaxed);
        late
    });
    keep(run, late)
}

fn compute(burst: Duration) {
    let (began, mut x) = (Instant::now(), 1);
    while began.elapsed() < burst {
        for _ in 0..100 {
            x = black_box(x) * 48_271 % 0x7fff_ffff_u64;
        }
    }
}

fn keep(run: &mut Run, mut late: Vec<Duration>) -> usize {
    late.sort();
    let ms = |late: Duration| late.as_secs_f64() * 1000.0;
    run.metric("late_p50_ms", ms(late[late.len() / 2]));
    run.metric("late_max_ms", ms(late[late.len() - 1]));
    late.len()
}
