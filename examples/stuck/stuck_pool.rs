//! Jobs that wait for jobs of their own pool. How often do they get stuck?
//!
//! Run:  cargo run --example stuck_pool
//! See:  four requests at once, each two deep, get stuck with four threads and
//!       not with five; three deep, with eight and not with nine. When they
//!       come apart, some runs get done that another time get stuck. A pool for
//!       each level, a wait that helps, and tasks that await need no more than
//!       one thread. Under rayon, who waits for stolen work while it holds a
//!       lock takes up a request that wants that lock.
//!
//! Each variant is tried sixteen times at once in a child process, which is
//! ended when all of its threads have slept for 200 ms.

use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use lab::random::{Random, fresh_seed};
use lab::{Experiment, Gate, Kind, Run};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};
use stuck::pool::Pool;
use stuck::watch::watch;
use tokio::runtime::{Builder, Handle};
use tokio::task::spawn_blocking;

const TRIALS: usize = 16;
/// So many requests at once.
const REQUESTS: usize = 4;
/// What each level does by itself before it asks for the next.
const PART: Duration = Duration::from_millis(5);
/// Requests that come apart come within this time.
const WINDOW: Duration = Duration::from_millis(100);
/// For rayon: so many items, each a sum of so many pieces.
const ITEMS: u64 = 8;
const PIECES: u64 = 4;

type Way = (&'static str, &'static str, fn(usize));

/// Tried with pools of all sizes.
const NESTED: [Way; 3] = [
    ("two_deep", "4 at once, 2 deep", |size| {
        at_once(&Pool::start(size), 2);
    }),
    ("three_deep", "4 at once, 3 deep", |size| {
        at_once(&Pool::start(size), 3);
    }),
    ("apart", "4 within 100 ms, 3 deep", |size| apart(&Pool::start(size), 3)),
];
const SIZES: [usize; 6] = [1, 2, 4, 5, 8, 9];
const CURES: [Way; 2] = [
    ("levels", "3 deep, a pool for each level", |size| {
        let pools = [(); 3].map(|()| Pool::start(size));
        all(|| pools[0].submit(below(pools[1].clone(), pools[2].clone())));
    }),
    ("helps", "3 deep, who waits helps", |size| {
        let pool = Pool::start(size);
        all(|| {
            let own = pool.clone();
            pool.submit(move || helpful(&own, 3))
        });
    }),
];
const RAYON: [Way; 6] = [
    ("over_4", "lock held over par_iter, 8 times", |_| {
        let pool = threads(4);
        (0..ITEMS).for_each(|_| over(&pool));
    }),
    ("requests_4", "over par_iter, requests from outside", |_| outside(4)),
    ("requests_2", "the same, 2 threads", |_| outside(2)),
    ("install", "par_iter in a second pool", |_| {
        installed(&threads(4), &threads(4));
    }),
    ("after", "par_iter first, then the lock", |_| after(&threads(4))),
    ("join", "join, 3 deep, one thread", |_| {
        let pool = threads(1);
        pool.install(|| (0..REQUESTS).into_par_iter().for_each(|_| joined(3)));
    }),
];
const TOKIO: [Way; 3] = [
    ("blocking_4", "spawn_blocking → block_on, 4", |_| blocking(4)),
    ("blocking_5", "spawn_blocking → block_on, 5", |_| blocking(5)),
    ("awaits", "tasks that await, 1", |_| awaiting(1)),
];

fn main() -> ExitCode {
    let question = "Jobs that wait for jobs of their own pool: who gets done?";
    let mut experiment =
        Experiment::new("stuck_pool", question).baseline("none").observed();
    for size in SIZES {
        let cures = if size == 1 { &CURES[..] } else { &[] };
        let label = format!("{size} threads");
        experiment = experiment.case(&size.to_string(), &label);
        for &(name, label, _) in NESTED.iter().chain(cures) {
            experiment =
                experiment.variant(Kind::Thread, name, label, move |run| {
                    tried(run, name, size)
                });
        }
    }
    for (case, label, kind, ways) in [
        ("rayon", "rayon", Kind::Thread, &RAYON[..]),
        ("tokio", "tokio's blocking threads", Kind::Task, &TOKIO[..]),
    ] {
        experiment = experiment.case(case, label);
        for &(name, label, _) in ways {
            experiment = experiment
                .variant(kind, name, label, move |run| tried(run, name, 0));
        }
    }
    experiment.child("try", attempt).run()
}

fn tried(run: &mut Run, name: &str, size: usize) -> String {
    let seen = watch(run, &[name, &size.to_string()]);
    let stuck = TRIALS - seen.count("done");
    assert_eq!(stuck > 0, seen.is_stuck, "{name}, {size}: {:?}", seen.said);
    run.metric("stuck_share", stuck as f64 / TRIALS as f64);
    format!("{stuck} of {TRIALS} stuck")
}

fn attempt(args: &[String]) {
    let size = args[1].parse().expect("a number");
    let mut ways = NESTED.iter().chain(&CURES).chain(&RAYON).chain(&TOKIO);
    let (.., way) = ways.find(|way| way.0 == args[0]).expect("one of the ways");
    let gate = Gate::of(TRIALS);
    thread::scope(|scope| {
        for _ in 0..TRIALS {
            scope.spawn(gate.then(|| {
                way(size);
                println!("done");
            }));
        }
    });
}

// ANCHOR: nested
/// Does its own part, and has the pool do the next level.
fn request(pool: &Pool, deep: u32) {
    thread::sleep(PART);
    if deep > 1 {
        let own = pool.clone();
        // Its thread waits for another thread of the same pool.
        pool.submit(move || request(&own, deep - 1)).wait();
    }
}

fn at_once(pool: &Pool, deep: u32) {
    all(|| {
        let own = pool.clone();
        pool.submit(move || request(&own, deep))
    });
}
// ANCHOR_END: nested

fn all(submit: impl Fn() -> stuck::pool::Answer<()>) {
    let answers: Vec<_> = (0..REQUESTS).map(|_| submit()).collect();
    answers.into_iter().for_each(|answer| answer.wait());
}

fn apart(pool: &Pool, deep: u32) {
    let mut random = Random::new(fresh_seed());
    let window = WINDOW.as_micros() as usize;
    let mut times = [(); REQUESTS].map(|()| random.below(window) as u64);
    times.sort_unstable();
    let mut before = 0;
    let answers = times.map(|time| {
        thread::sleep(Duration::from_micros(time - before));
        before = time;
        let own = pool.clone();
        pool.submit(move || request(&own, deep))
    });
    answers.into_iter().for_each(|answer| answer.wait());
}

// ANCHOR: cures
/// A level waits for the next one's pool, and never for its own.
fn below(second: Pool, third: Pool) -> impl FnOnce() + Send {
    move || {
        thread::sleep(PART);
        let next = move || {
            thread::sleep(PART);
            third.submit(|| thread::sleep(PART)).wait();
        };
        second.submit(next).wait();
    }
}

/// Who waits does jobs of the queue meanwhile.
fn helpful(pool: &Pool, deep: u32) {
    thread::sleep(PART);
    if deep > 1 {
        let own = pool.clone();
        pool.submit(move || helpful(&own, deep - 1)).help();
    }
}
// ANCHOR_END: cures

fn threads(size: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(size).build().expect("threads")
}

/// It sleeps, so that other threads have the time to steal on any machine.
fn piece(n: u64) -> u64 {
    thread::sleep(PART / 5);
    n
}

// ANCHOR: over
/// Broken: the lock is held while the sum is shared out.
fn over(pool: &ThreadPool) {
    let sum = Mutex::new(0);
    pool.install(|| {
        (0..ITEMS).into_par_iter().for_each(|_| {
            let mut sum = sum.lock().unwrap();
            // Waits for stolen pieces, and takes up other items meanwhile.
            *sum += (0..PIECES).into_par_iter().map(piece).sum::<u64>();
        });
    });
}

/// Broken as well: requests wait outside of the pool until a thread is free.
fn outside(size: usize) {
    let (pool, sum) = (threads(size), Mutex::new(0));
    let request = || {
        pool.install(|| {
            let mut sum = sum.lock().unwrap();
            *sum += (0..PIECES).into_par_iter().map(piece).sum::<u64>();
        });
    };
    thread::scope(|scope| {
        for _ in 0..REQUESTS {
            scope.spawn(|| (0..ITEMS / 2).for_each(|_| request()));
        }
    });
}
// ANCHOR_END: over

fn after(pool: &ThreadPool) {
    let sum = Mutex::new(0);
    pool.install(|| {
        (0..ITEMS).into_par_iter().for_each(|_| {
            let part = (0..PIECES).into_par_iter().map(piece).sum::<u64>();
            *sum.lock().unwrap() += part;
        });
    });
}

/// Broken as well: whoever waits for the second pool goes on stealing in the
/// first.
fn installed(first: &ThreadPool, second: &ThreadPool) {
    let sum = Mutex::new(0);
    first.install(|| {
        (0..ITEMS).into_par_iter().for_each(|_| {
            let mut sum = sum.lock().unwrap();
            *sum += second.install(|| {
                (0..PIECES).into_par_iter().map(piece).sum::<u64>()
            });
        });
    });
}

fn joined(deep: u32) {
    thread::sleep(PART);
    if deep > 1 {
        rayon::join(|| (), || joined(deep - 1));
    }
}

// ANCHOR: tokio
fn blocking(size: usize) {
    let runtime =
        Builder::new_current_thread().max_blocking_threads(size).build();
    let part = || thread::sleep(PART);
    let request = move || {
        part();
        // This thread waits for another of the same pool.
        Handle::current().block_on(spawn_blocking(part)).unwrap();
    };
    runtime.unwrap().block_on(async {
        let all = [(); REQUESTS].map(|()| spawn_blocking(request));
        for one in all {
            one.await.unwrap();
        }
    });
}

fn awaiting(size: usize) {
    let runtime =
        Builder::new_current_thread().max_blocking_threads(size).build();
    let part = || thread::sleep(PART);
    let request = move || async move {
        spawn_blocking(part).await.unwrap();
        spawn_blocking(part).await.unwrap(); // no thread waits for it
    };
    runtime.unwrap().block_on(async {
        let all = [(); REQUESTS].map(|()| tokio::spawn(request()));
        for one in all {
            one.await.unwrap();
        }
    });
}
// ANCHOR_END: tokio
