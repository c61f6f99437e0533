//! Tries a litmus test many times, so that its threads act at nearly the same
//! moment, now one a little earlier and now the other.
//!
//! In the manner of litmus7 (Alglave, Maranget and others, diy.inria.fr): the
//! threads meet before each trial, each then waits for a random moment, and no
//! two trials of a batch use the same lines of memory.

use std::hint::{black_box, spin_loop};
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_utils::CachePadded;
use lab::random::Random;
use lab::{Run, os};

use crate::litmus::{Litmus, Orders};

/// So many trials lie in memory at once.
const BATCH: usize = 512;
/// Two a trial, and as many again that are only in the way.
const LINES: usize = 4 * BATCH;
/// A machine on which nobody gets a turn gives fewer trials, and ends.
const LONGEST: Duration = Duration::from_millis(500);
/// How many steps of nothing a thread may come later than another.
const SKEW: u64 = 128;

/// A line of cache, in which a number may have any of sixteen places.
#[repr(align(64))]
#[derive(Default)]
struct Line([AtomicU32; 16]);

/// Where a trial has its two numbers: a line and a place in it.
type At = (usize, usize);

/// How the trials came out: by what was read.
pub struct Counts {
    /// How many trials there were.
    pub trials: u64,
    /// How many of them read this.
    pub read: [u64; 16],
}

impl Counts {
    /// Of a million trials, how many read this.
    pub fn per_million(&self, read: u32) -> f64 {
        1e6 * self.share(read)
    }

    /// The share of the trials that read this.
    pub fn share(&self, read: u32) -> f64 {
        self.read[read as usize] as f64 / self.trials.max(1) as f64
    }
}

/// Where all threads meet, awake.
struct Meeting {
    threads: u64,
    came: CachePadded<AtomicU64>,
    /// How often to look before giving way to others.
    patience: u32,
}

impl Meeting {
    fn of(threads: usize) -> Meeting {
        let cores = thread::available_parallelism().map_or(1, |n| n.get());
        Meeting {
            threads: threads as u64,
            came: CachePadded::default(),
            patience: if threads <= cores { 4_096 } else { 0 },
        }
    }

    fn wait(&self) {
        let place = self.came.fetch_add(1, AcqRel);
        let all = (place / self.threads + 1) * self.threads;
        let mut looked = 0;
        while self.came.load(Acquire) < all {
            looked += 1;
            if looked < self.patience {
                spin_loop();
            } else {
                thread::yield_now();
            }
        }
    }
}

// ANCHOR: trials
/// Tries a program so many times, by threads that start together.
pub fn trials<L: Litmus, O: Orders>(run: &mut Run, many: u64) -> Counts {
    let lines: Vec<Line> = (0..LINES).map(|_| Line::default()).collect();
    let seen: Vec<Vec<AtomicU8>> = (0..L::THREADS).map(|_| zeros()).collect();
    let (meeting, over) = (Meeting::of(L::THREADS), AtomicBool::new(false));
    let batch = Mutex::new(Batch::new());
    let began = Instant::now();
    run.together(L::THREADS, |i| {
        keep_apart(i, L::THREADS);
        let mut random = Random::new(i as u64);
        for turn in 0.. {
            // One after the other clears up, so that what lies in a core's
            // cache beforehand is not always in the same one's.
            if turn % L::THREADS == i {
                let mut batch = lock(&batch);
                batch.count(turn, &seen);
                batch.prepare(&lines);
                let done = batch.counts.trials >= many;
                over.store(done || began.elapsed() > LONGEST, Release);
            }
            meeting.wait();
            if over.load(Acquire) {
                break;
            }
            let places = lock(&batch).places.clone();
            for (trial, (x, y)) in places.into_iter().enumerate() {
                let x = &lines[x.0].0[x.1];
                let y = &lines[y.0].0[y.1];
                meeting.wait();
                (0..random.bits() % SKEW).for_each(|n| _ = black_box(n));
                let read = L::act::<O>(i, x, y);
                seen[i][trial].store(read as u8, Relaxed);
            }
            meeting.wait();
        }
    });
    batch.into_inner().unwrap_or_else(PoisonError::into_inner).counts
}
// ANCHOR_END: trials

/// Gives each thread a core of its own, if there are as many. Two that took
/// turns on one would never act at the same moment.
pub fn keep_apart(i: usize, threads: usize) {
    let cores = os::allowed_cpus().unwrap_or_default();
    if threads <= cores.len() {
        os::pin_to(&[cores[i]]);
    }
}

fn lock(batch: &Mutex<Batch>) -> std::sync::MutexGuard<'_, Batch> {
    batch.lock().unwrap_or_else(PoisonError::into_inner)
}

fn zeros() -> Vec<AtomicU8> {
    (0..BATCH).map(|_| AtomicU8::new(0)).collect()
}

/// Where the next trials have their numbers, and what came of those before.
struct Batch {
    places: Vec<(At, At)>,
    counts: Counts,
    random: Random,
    order: Vec<usize>,
}

impl Batch {
    fn new() -> Batch {
        Batch {
            places: Vec::new(),
            counts: Counts { trials: 0, read: [0; 16] },
            random: Random::new(7),
            order: (0..LINES).collect(),
        }
    }

    /// Adds what the threads saw in the batch before this one.
    fn count(&mut self, turn: usize, seen: &[Vec<AtomicU8>]) {
        if turn == 0 {
            return;
        }
        for trial in 0..BATCH {
            let read = seen.iter().map(|of| of[trial].load(Relaxed));
            self.counts.read[read.fold(0, |all, of| all | of) as usize] += 1;
        }
        self.counts.trials += BATCH as u64;
    }

    /// Gives each trial two lines of its own, and sets all numbers to 0.
    fn prepare(&mut self, lines: &[Line]) {
        for line in lines {
            line.0.iter().for_each(|number| number.store(0, Relaxed));
        }
        for i in (1..LINES).rev() {
            let other = self.random.bits() as usize % (i + 1);
            self.order.swap(i, other);
        }
        let random = &mut self.random;
        let mut at = |line: usize| (line, random.bits() as usize % 16);
        let two = self.order.chunks(2).take(BATCH);
        self.places = two.map(|two| (at(two[0]), at(two[1]))).collect();
    }
}
