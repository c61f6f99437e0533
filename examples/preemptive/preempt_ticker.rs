//! A ticker that should wake every 10 ms, beside a hog, on one core.
//!
//! Run:  cargo run --example preempt_ticker
//! See:  beside a hog in another thread the ticker is late by some
//!       milliseconds at most, beside eight hogs by a few turns at most. As a
//!       task beside a task that hogs their thread, it is late by the hog's
//!       burst. On Linux two more variants take apart what makes it late:
//!       `exact` lets no timer go off later than it must, and `crowd_short`
//!       asks for short slices (heard since 6.12).

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
    let experiment = Experiment::new(
        "preempt_ticker",
        "How late is a 10 ms ticker beside a hog on its core?",
    )
    .baseline("none")
    .variant(Kind::Alone, "alone", "no hog", |run| threads(run, &[], || {}))
    .variant(Kind::Thread, "threads", "a hog in another thread", |run| {
        threads(run, &[0], || {})
    })
    .variant(Kind::Thread, "niced", "that hog at nice 19", |run| {
        threads(run, &[19], || {})
    })
    .variant(Kind::Thread, "crowd", "8 hogs, a thread each", |run| {
        threads(run, &[0; 8], || {})
    })
    .variant(Kind::Task, "tasks", "a hog in another task", |run| {
        // A thread of its own, so that only that is kept on one core.
        thread::scope(|scope| scope.spawn(|| tasks(run)).join().unwrap())
    });
    taken_apart(experiment).run()
}

#[cfg(target_os = "linux")]
fn taken_apart(experiment: Experiment) -> Experiment {
    experiment
        .variant(Kind::Thread, "exact", "a hog, exact timers", |run| {
            threads(run, &[0], linux::exact_timers)
        })
        .variant(Kind::Thread, "crowd_short", "8 hogs, a short slice", |run| {
            threads(run, &[0; 8], linux::short_slice)
        })
}

#[cfg(not(target_os = "linux"))]
fn taken_apart(experiment: Experiment) -> Experiment {
    experiment
}

/// `wish` is what the ticker asks of the kernel for its own thread.
fn threads(run: &mut Run, hogs: &[i32], wish: fn()) -> String {
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
            wish();
            gate.wait();
            let mut ticker = Ticker::start(gate.began_ns());
            let mut waits = CoreWaits::start();
            while let Some(pause) = ticker.pause() {
                thread::sleep(pause);
                ticker.tick();
                waits.note();
            }
            over.store(true, Ordering::Relaxed);
            (ticker.finish(), waits.median_ms())
        });
        let ((ticker, late), core_ms) = ticker.join().unwrap();
        if let Some(core_ms) = core_ms {
            run.metric("core_p50_ms", core_ms);
        }
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

/// How long a thread had to wait for a core, each time: awake, and not running.
/// Linux keeps the sum.
struct CoreWaits {
    sum_ns: Option<u64>,
    each_ns: Vec<u64>,
}

impl CoreWaits {
    fn start() -> CoreWaits {
        CoreWaits { sum_ns: waited_ns(), each_ns: Vec::new() }
    }

    fn note(&mut self) {
        let before = std::mem::replace(&mut self.sum_ns, waited_ns());
        if let (Some(before), Some(now)) = (before, self.sum_ns) {
            self.each_ns.push(now - before);
        }
    }

    fn median_ms(mut self) -> Option<f64> {
        self.each_ns.sort_unstable();
        let median = self.each_ns.get(self.each_ns.len() / 2)?;
        Some(*median as f64 / 1e6)
    }
}

/// The second number: on the core, waiting for it, how often it had it.
fn waited_ns() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::io::Error;

    /// A timer may go off 50 µs late, so that several can go off together; for
    /// this thread, 1 ns.
    pub(super) fn exact_timers() {
        let this = fs::read_link("/proc/thread-self").expect("Linux's /proc");
        let number = this.file_name().expect("PID/task/TID").to_owned();
        let slack = std::path::Path::new("/proc").join(number);
        let slack = slack.join("timerslack_ns");
        fs::write(&slack, "1").expect("a thread may set its own");
        let now = fs::read_to_string(&slack).expect("what was written");
        assert_eq!(now.trim(), "1", "the slack of this thread's timers");
    }

    /// A tenth of a millisecond on the core is all that this thread asks for at
    /// a time: the least that Linux grants.
    pub(super) fn short_slice() {
        // SAFETY: `getpriority` takes plain numbers; 0 is the calling thread.
        let nice = unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) };
        let wish = SchedAttr {
            size: size_of::<SchedAttr>() as u32,
            nice, // as it was: a user may not lower it
            runtime: 100_000,
            ..SchedAttr::default()
        };
        // SAFETY: the pointer is to a live `sched_attr` of the size that it
        // says, which the kernel only reads; 0 is the calling thread.
        let done =
            unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &wish, 0) };
        assert_eq!(done, 0, "sched_setattr: {}", Error::last_os_error());
    }

    /// The kernel's `sched_attr`, in its first version. Policy 0 is the usual.
    #[derive(Default)]
    #[repr(C)]
    struct SchedAttr {
        size: u32,
        policy: u32,
        flags: u64,
        nice: i32,
        priority: u32,
        runtime: u64,
        deadline: u64,
        period: u64,
    }
}
