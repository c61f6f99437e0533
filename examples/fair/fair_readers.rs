//! A lock that lets many readers in, or one writer. Readers come and go so that
//! somebody is always inside. When does the writer get in? And when a writer
//! comes again and again, do readers?
//!
//! Run:  cargo run --example fair_readers
//! See:  under the C library's lock, as it comes, a writer waits until the
//!       readers stop; under all others for the readers who are inside. Under
//!       the standard library's, a writer that comes again at once keeps
//!       readers out.
//!
//! A reader is inside for a millisecond, asleep, as if it read from a disk. On
//! platforms other than Linux the C library's locks are left out.

use std::process::ExitCode;
use std::sync::RwLock;
use std::thread::{self, sleep};
use std::time::Duration;

use fair::turns::Tally;
use lab::timeline::now_ns;
use lab::{Experiment, Kind, Run};

const LENGTH_NS: u64 = 60_000_000;
const MS: Duration = Duration::from_millis(1);

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "fair_readers",
        "Many readers or one writer: who is kept out?",
    )
    .baseline("std");
    for n in [2, 4, 8] {
        let case = n.to_string();
        experiment = experiment.case(&case, "readers, and a writer");
        experiment = locks(experiment, n, READING);
    }
    locks(experiment.case("greedy", "two readers, a greedy writer"), 2, GREEDY)
        .run()
}

/// What readers and the writer do, under the lock and outside.
#[derive(Clone, Copy)]
struct Scene {
    reads: Duration,
    reader_rests: Duration,
    writes: Duration,
    writer_rests: Duration,
}

// ANCHOR: scenes
/// Readers rest for a tenth of the time that they are inside.
const READING: Scene = Scene {
    reads: MS,
    reader_rests: Duration::from_micros(100),
    writes: Duration::ZERO,
    writer_rests: Duration::from_millis(2),
};

/// A writer that does not rest.
const GREEDY: Scene = Scene {
    reads: Duration::ZERO,
    reader_rests: Duration::from_millis(2),
    writes: MS,
    writer_rests: Duration::ZERO,
};
// ANCHOR_END: scenes

fn locks(experiment: Experiment, readers: usize, scene: Scene) -> Experiment {
    let experiment = experiment
        .variant(Kind::Thread, "std", "std::sync::RwLock", move |run| {
            play(run, readers, scene, RwLock::new(()))
        })
        .variant(Kind::Thread, "parking_lot", "parking_lot's", move |run| {
            play(run, readers, scene, parking_lot::RwLock::new(()))
        })
        .variant(Kind::Thread, "tokio", "tokio's", move |run| {
            play(run, readers, scene, tokio::sync::RwLock::new(()))
        });
    c_library(experiment, readers, scene)
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn c_library(e: Experiment, readers: usize, scene: Scene) -> Experiment {
    use fair::pthread::RwLock;

    e.variant(Kind::Thread, "pthread", "glibc's, as it comes", move |run| {
        play(run, readers, scene, RwLock::readers_first())
    })
    .variant(
        Kind::Thread,
        "writers",
        "glibc's, writers first",
        move |run| play(run, readers, scene, RwLock::writers_first()),
    )
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn c_library(experiment: Experiment, _: usize, _: Scene) -> Experiment {
    experiment
}

fn play(
    run: &mut Run,
    readers: usize,
    scene: Scene,
    lock: impl ReadWrite,
) -> String {
    let gate = &run.gate(readers + 1);
    let lock = &lock;
    let (reading, writing) = thread::scope(|scope| {
        let all: Vec<_> = (0..readers as u32)
            .map(|i| {
                scope.spawn(move || {
                    gate.wait();
                    // One comes when another is halfway through.
                    sleep(scene.reads * i / readers as u32);
                    let end_ns = gate.began_ns() + LENGTH_NS;
                    turns(end_ns, scene.reads, scene.reader_rests, |work| {
                        lock.reading(work);
                    })
                })
            })
            .collect();
        let writer = scope.spawn(move || {
            gate.wait();
            sleep(scene.writer_rests);
            let end_ns = gate.began_ns() + LENGTH_NS;
            turns(end_ns, scene.writes, scene.writer_rests, |work| {
                lock.writing(work);
            })
        });
        let all: Vec<Tally> =
            all.into_iter().map(|reader| reader.join().unwrap()).collect();
        (all, writer.join().unwrap())
    });
    run.stop_clock();
    let worst = reading.iter().map(Tally::worst_ms).fold(0.0, f64::max);
    let reads: u64 = reading.iter().map(Tally::turns).sum();
    run.metric("reads", reads as f64);
    run.metric("reader_worst_ms", worst);
    run.metric("writes", writing.turns() as f64);
    run.metric("writer_worst_ms", writing.worst_ms());
    "who waited had a turn in the end".into()
}

// ANCHOR: turns
/// One that comes again and again, until the time is up.
fn turns(
    end_ns: u64,
    inside: Duration,
    rest: Duration,
    ask: impl Fn(&mut dyn FnMut()),
) -> Tally {
    let mut tally = Tally::default();
    loop {
        let asked = now_ns();
        if asked >= end_ns {
            return tally;
        }
        ask(&mut || {
            tally.note(now_ns() - asked);
            pause(inside);
        });
        pause(rest);
    }
}
// ANCHOR_END: turns

fn pause(length: Duration) {
    if !length.is_zero() {
        sleep(length);
    }
}

/// A lock for many readers or one writer.
trait ReadWrite: Sync {
    fn reading(&self, work: &mut dyn FnMut());
    fn writing(&self, work: &mut dyn FnMut());
}

impl ReadWrite for RwLock<()> {
    fn reading(&self, work: &mut dyn FnMut()) {
        let _inside = self.read().unwrap();
        work();
    }

    fn writing(&self, work: &mut dyn FnMut()) {
        let _inside = self.write().unwrap();
        work();
    }
}

impl ReadWrite for parking_lot::RwLock<()> {
    fn reading(&self, work: &mut dyn FnMut()) {
        let _inside = self.read();
        work();
    }

    fn writing(&self, work: &mut dyn FnMut()) {
        let _inside = self.write();
        work();
    }
}

impl ReadWrite for tokio::sync::RwLock<()> {
    fn reading(&self, work: &mut dyn FnMut()) {
        let _inside = self.blocking_read();
        work();
    }

    fn writing(&self, work: &mut dyn FnMut()) {
        let _inside = self.blocking_write();
        work();
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
impl ReadWrite for fair::pthread::RwLock {
    fn reading(&self, work: &mut dyn FnMut()) {
        self.read(work);
    }

    fn writing(&self, work: &mut dyn FnMut()) {
        self.write(work);
    }
}
