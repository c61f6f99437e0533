//! Three threads on one core. The one of low priority holds a lock, the one of
//! high priority wants it, and the one in the middle wants neither: it
//! computes for 10, 40 or 100 ms. How long does the high one wait?
//!
//! Run:  cargo run --example fair_priority
//! See:  with real-time priorities the high one waits for the middle one, as
//!       long as that computes, unless the mutex lends its holder the priority
//!       of who waits. Ordinary threads share the core, and so the low one
//!       comes to its end.
//!
//! Needs Linux and the right to real-time priorities (root, or CAP_SYS_NICE, or
//! a limit of RTPRIO); without it only ordinary threads are measured. The core
//! is nobody else's for as long as the middle one computes.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::mpsc::channel;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use fair::realtime;
use lab::{Experiment, Kind, Run, os};

/// What the low one does under the lock: steps of a few nanoseconds.
const STEPS: u32 = 500_000;

fn main() -> ExitCode {
    let allowed = realtime::allowed();
    if !allowed {
        eprintln!("fair_priority: no right to real-time priorities here");
    }
    let mut experiment = Experiment::new(
        "fair_priority",
        "How long does a high priority wait for a low one's lock?",
    )
    .baseline("ordinary");
    for ms in [10, 40, 100] {
        let hog = Duration::from_millis(ms);
        experiment = experiment
            .case(&ms.to_string(), "ms that the middle one computes")
            .variant(Kind::Thread, "ordinary", "no priorities", move |run| {
                play(run, hog, None, &Mutex::new(()))
            });
        if allowed {
            experiment = experiment.variant(
                Kind::Thread,
                "std",
                "std::sync::Mutex",
                move |run| play(run, hog, RANKS, &Mutex::new(())),
            );
            experiment = c_library(experiment, hog);
        }
    }
    experiment.run()
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn c_library(experiment: Experiment, hog: Duration) -> Experiment {
    use fair::pthread::Mutex;

    experiment
        .variant(Kind::Thread, "plain", "pthread mutex", move |run| {
            play(run, hog, RANKS, &Mutex::plain())
        })
        .variant(Kind::Thread, "lends", "PTHREAD_PRIO_INHERIT", move |run| {
            play(run, hog, RANKS, &Mutex::lends())
        })
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn c_library(experiment: Experiment, _: Duration) -> Experiment {
    experiment
}

/// Low, middle, high. The kernel's own threads may have higher ones.
type Ranks = Option<[i32; 3]>;
const RANKS: Ranks = Some([1, 2, 3]);

fn play(
    run: &mut Run,
    hog: Duration,
    ranks: Ranks,
    lock: &impl Hold,
) -> String {
    let (ready, all_ready) = channel();
    let (to_middle, middle) = channel();
    let (to_high, high) = channel();
    let gate = &run.gate(3);
    // ANCHOR: play
    // All wait awake at the gate, so nobody has a priority before it.
    let enter = |rank: usize| {
        one_core();
        gate.wait();
        assert!(ranks.is_none_or(|ranks| realtime::fifo(ranks[rank])));
    };
    let enter = &enter;
    let waited = thread::scope(|scope| {
        scope.spawn(move || {
            enter(0);
            for _ in 0..2 {
                all_ready.recv().unwrap();
            }
            lock.hold(|| {
                to_high.send(Instant::now()).unwrap(); // runs, until it waits
                to_middle.send(()).unwrap(); // runs to its end, if it may
                compute();
            });
        });
        let middle_ready = ready.clone();
        scope.spawn(move || {
            enter(1);
            middle_ready.send(()).unwrap();
            middle.recv().unwrap();
            fair::spin(hog.as_nanos() as u64);
        });
        let high = scope.spawn(move || {
            enter(2);
            ready.send(()).unwrap();
            let asked = high.recv().unwrap();
            lock.hold(|| asked.elapsed())
        });
        high.join().unwrap()
    });
    // ANCHOR_END: play
    run.metric("waited_ms", waited.as_secs_f64() * 1e3);
    "all three came to their end".into()
}

/// The last one, since the first is often the one that interrupts come to.
fn one_core() {
    if let Some(cpus) = os::allowed_cpus() {
        os::pin_to(&cpus[cpus.len().saturating_sub(1)..]);
    }
}

fn compute() {
    let mut x = black_box(1_u64);
    for _ in 0..STEPS {
        x = x * 48_271 % 0x7fff_ffff;
    }
    black_box(x);
}

/// A lock that is held for a while.
trait Hold: Sync {
    fn hold<R>(&self, work: impl FnOnce() -> R) -> R;
}

impl Hold for Mutex<()> {
    fn hold<R>(&self, work: impl FnOnce() -> R) -> R {
        let _held = self.lock().unwrap_or_else(PoisonError::into_inner);
        work()
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
impl Hold for fair::pthread::Mutex {
    fn hold<R>(&self, work: impl FnOnce() -> R) -> R {
        self.with(work)
    }
}
