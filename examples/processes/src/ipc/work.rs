//! What both sides do, whatever lies between them.

use std::io;
use std::time::{Duration, Instant};

use lab::{Run, os};

const WARM_UP: u64 = 100;
const TRIPS: u64 = 1_000;
/// As much as a pipe holds, unless told otherwise.
pub(crate) const CHUNK: usize = 64 << 10;
pub(crate) const CHUNKS: u64 = 1_024;

/// One of the two works.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    Trips,
    Bulk,
}

/// What the other side has to know.
#[derive(Clone, Copy)]
pub(crate) struct Job {
    pub(crate) work: Work,
    /// The kernel's number for it.
    pub(crate) their_core: usize,
}

impl Job {
    pub(crate) fn to_text(self) -> String {
        let work = if self.work == Work::Bulk { "bulk" } else { "trips" };
        format!("{work} {}", self.their_core)
    }

    pub(crate) fn from_text(text: &str) -> Job {
        let (work, core) = text.split_once(' ').expect("a job");
        let work = if work == "bulk" { Work::Bulk } else { Work::Trips };
        Job { work, their_core: core.parse().expect("a number") }
    }

    /// For the other side. Where there is no such core, it stays on ours.
    pub(crate) fn take_their_core(self) {
        os::pin_to(&[self.their_core]);
    }
}

/// Sends a number and waits for the next one, again and again.
pub(crate) fn trips(
    run: &mut Run,
    mut ask: impl FnMut(u64) -> io::Result<u64>,
) -> io::Result<String> {
    for number in 0..WARM_UP {
        ask(number)?;
    }
    let mut wrong = 0;
    run.start_clock();
    let began = Instant::now();
    for number in 0..TRIPS {
        wrong += u64::from(ask(number)? != number + 1);
    }
    let took = began.elapsed();
    run.stop_clock();
    Ok(note(run, "trip_us", took, TRIPS, wrong))
}

/// Fills chunk after chunk and gives it away. In the end the other side tells
/// how many came as they should.
pub(crate) fn bulk(
    run: &mut Run,
    mut give: impl FnMut(u8) -> io::Result<()>,
    count_right: impl FnOnce() -> io::Result<u64>,
) -> io::Result<String> {
    run.start_clock();
    let began = Instant::now();
    for n in 0..CHUNKS {
        give(n as u8)?;
    }
    let wrong = CHUNKS - count_right()?;
    let took = began.elapsed();
    run.stop_clock();
    let mib = (CHUNKS * CHUNK as u64) >> 20;
    let _ = note(run, "mib_us", took, mib, wrong);
    Ok(format!("{} right", CHUNKS - wrong))
}

/// The other side: takes what was given, and tells how many were right.
pub(crate) fn check(
    mut take: impl FnMut(&dyn Fn(&[u8]) -> bool) -> io::Result<bool>,
) -> io::Result<u64> {
    let mut right = 0;
    let mut expected = vec![0; CHUNK];
    for n in 0..CHUNKS {
        expected.fill(n as u8);
        right += u64::from(take(&|chunk| chunk == expected)?);
    }
    Ok(right)
}

fn note(
    run: &mut Run,
    name: &str,
    took: Duration,
    count: u64,
    wrong: u64,
) -> String {
    run.metric(name, took.as_secs_f64() * 1e6 / count as f64);
    run.metric("wrong", wrong as f64);
    format!("{} right", count - wrong)
}
