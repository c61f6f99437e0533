//! Much to compute, and a loop that is to go on meanwhile. Where is it best
//! done: in tasks, on the threads for blocking calls, or in a pool as large as
//! the machine?
//!
//! Run:  cargo run --example hidden_compute
//! See:  12 jobs of 20 ms take as long by any way that uses all cores. On the
//!       threads for blocking calls all of them begin at once, and half of them
//!       are done late; where no more begin than there are cores, in half the
//!       time. Computed in tasks they hold up a tick. Of 60,000 small jobs most
//!       of the time is the way to the pool; in batches it is not.
//!
//! A tick is due every millisecond; how late it is, is taken against the start.
//! The long jobs record when they had a core.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hidden::compute;
use lab::timeline::{Lane, Recorder, now_ns};
use lab::{Experiment, Kind, Run};
use rayon::ThreadPool;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::sleep_until;

const TICK: Duration = Duration::from_millis(1);

/// So many jobs, each a chain of so many steps of about 3 ns.
#[derive(Clone, Copy)]
struct Work {
    jobs: u64,
    steps: u64,
    /// Since when each records when it has a core, if it does.
    epoch_ns: Option<u64>,
}

const LONG: Work = Work { jobs: 12, steps: 6_000_000, epoch_ns: Some(0) };
const FINE: Work = Work { jobs: 60_000, steps: 600, epoch_ns: None };
/// So many of the small ones go together.
const BATCH: u64 = 1_000;

/// What a job answers, and when.
struct Done {
    answer: u64,
    at: Instant,
    lane: Option<Lane>,
}

type Job = JoinHandle<Done>;
type Way = fn(&Place, Work) -> Vec<Job>;

fn main() -> ExitCode {
    let question = "Where is computing best done, beside a loop?";
    let mut all =
        Experiment::new("hidden_compute", question).baseline("sequential");
    let (alone, task, thread) = (Kind::Alone, Kind::Task, Kind::Thread);

    all = all.case("long", "12 jobs of 20 ms");
    for (kind, name, label, way) in [
        (alone, "sequential", "one thread", in_line as Way),
        (task, "tasks", "in tasks", in_tasks),
        (thread, "blocking", "spawn_blocking", blocking),
        (thread, "few", "the same, a thread for each core", blocking),
        (thread, "gated", "the same, by a semaphore", gated),
        (thread, "rayon", "rayon and a oneshot", by_rayon),
    ] {
        all = all.variant(kind, name, label, move |run| {
            computed(run, LONG, way, name == "few")
        });
    }
    all = all.case("fine", "60,000 jobs of 2 µs");
    for (kind, name, label, way) in [
        (alone, "sequential", "one thread", in_one as Way),
        (thread, "blocking", "spawn_blocking", blocking),
        (thread, "few", "the same, a thread for each core", blocking),
        (thread, "gated", "the same, by a semaphore", gated),
        (thread, "rayon", "rayon and a oneshot", by_rayon),
        (thread, "batches", "spawn_blocking, by the thousand", in_batches),
    ] {
        all = all.variant(kind, name, label, move |run| {
            computed(run, FINE, way, name == "few")
        });
    }
    all.run()
}

/// Where work may be done.
struct Place {
    runtime: Runtime,
    pool: Arc<ThreadPool>,
    cores: usize,
}

fn computed(run: &mut Run, work: Work, way: Way, few: bool) -> u64 {
    let cores = run.threads();
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(cores).enable_time();
    if few {
        builder.max_blocking_threads(cores); // 512 otherwise
    }
    let runtime = builder.build().expect("workers");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(cores).build();
    let pool = Arc::new(pool.expect("threads"));
    let place = Place { runtime, pool, cores };
    let over = Arc::new(AtomicBool::new(false));
    let began = Instant::now();
    let ticks = place.runtime.spawn(ticker(began, Arc::clone(&over)));

    run.start_clock();
    let sent = Instant::now();
    let epoch_ns = work.epoch_ns.map(|_| now_ns());
    let jobs = way(&place, Work { epoch_ns, ..work });
    let sending = sent.elapsed();
    let all = place.runtime.block_on(async {
        let mut all = Vec::new();
        for job in jobs {
            all.push(job.await.expect("no job panics"));
        }
        all
    });
    run.stop_clock();

    over.store(true, Ordering::Relaxed);
    let late = place.runtime.block_on(ticks).expect("it does not panic");
    let mut after: Vec<Duration> =
        all.iter().map(|done| done.at - sent).collect();
    after.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    run.metric("sent_ms", ms(sending));
    run.metric("half_done_ms", ms(after[(after.len() - 1) / 2]));
    run.metric("worst_late_ms", ms(late));
    let sum = all.iter().fold(0_u64, |sum, done| sum.wrapping_add(done.answer));
    run.timeline(all.into_iter().filter_map(|done| done.lane).collect());
    place.runtime.shutdown_timeout(Duration::from_secs(10));
    sum
}

/// How late the worst tick was.
async fn ticker(began: Instant, over: Arc<AtomicBool>) -> Duration {
    let (mut due, mut worst) = (began, Duration::ZERO);
    while !over.load(Ordering::Relaxed) {
        due += TICK;
        sleep_until(due.into()).await;
        worst = worst.max(due.elapsed());
    }
    worst
}

impl Work {
    /// One of its jobs.
    fn job(self, n: u64) -> impl FnOnce() -> Done + Send + use<> {
        move || match self.epoch_ns {
            None => Done::now(chain(1, self.steps), None),
            Some(epoch_ns) => {
                let mut lane = Recorder::start(&format!("{}", n + 1), epoch_ns);
                let answer = (0..self.steps / 100).fold(1, |x, _| {
                    lane.note();
                    chain(x, 100)
                });
                Done::now(answer, Some(lane.finish()))
            }
        }
    }
}

impl Done {
    fn now(answer: u64, lane: Option<Lane>) -> Done {
        Done { answer, at: Instant::now(), lane }
    }
}

fn chain(x: u64, steps: u64) -> u64 {
    (0..steps).fold(black_box(x), |x, _| x * 48_271 % 0x7fff_ffff)
}

/// One after the other, in one thread beside the loop.
fn in_line(place: &Place, work: Work) -> Vec<Job> {
    let all = (0..work.jobs).map(|n| work.job(n)());
    all.map(|done| place.runtime.spawn(async { done })).collect()
}

/// The same as a single job.
fn in_one(place: &Place, work: Work) -> Vec<Job> {
    let sum = (0..work.jobs).map(|n| work.job(n)().answer).sum();
    let done = Done::now(sum, None);
    vec![place.runtime.spawn(async { done })]
}

fn in_tasks(place: &Place, work: Work) -> Vec<Job> {
    let task = |n| {
        let job = work.job(n);
        place.runtime.spawn(async { job() })
    };
    (0..work.jobs).map(task).collect()
}

// ANCHOR: ways
fn blocking(place: &Place, work: Work) -> Vec<Job> {
    let send = |n| place.runtime.spawn_blocking(work.job(n));
    (0..work.jobs).map(send).collect()
}

fn gated(place: &Place, work: Work) -> Vec<Job> {
    let cores = Arc::new(Semaphore::new(place.cores));
    let send = |n| {
        let (cores, job) = (Arc::clone(&cores), work.job(n));
        place.runtime.spawn(async move {
            let _core = cores.acquire().await.expect("nobody closes it");
            spawn_blocking(job).await.expect("it does not panic")
        })
    };
    (0..work.jobs).map(send).collect()
}

fn by_rayon(place: &Place, work: Work) -> Vec<Job> {
    let send = |n| {
        let (pool, job) = (Arc::clone(&place.pool), work.job(n));
        // As many threads as cores; the others wait in rayon's queue.
        let answer = async move { compute(&pool, job).await };
        place.runtime.spawn(async { answer.await.expect("no panic") })
    };
    (0..work.jobs).map(send).collect()
}
// ANCHOR_END: ways

fn in_batches(place: &Place, work: Work) -> Vec<Job> {
    let send = |batch| {
        let jobs = batch * BATCH..(batch + 1) * BATCH;
        place.runtime.spawn_blocking(move || {
            Done::now(jobs.map(|n| work.job(n)().answer).sum(), None)
        })
    };
    (0..work.jobs / BATCH).map(send).collect()
}
