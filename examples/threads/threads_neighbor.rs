//! The same few hundred pieces of work, one after another: does each take as
//! long as the next?
//!
//! Run:  cargo run --example threads_neighbor
//! See:  on a core of your own next to no slow pieces. On a hardware thread
//!       whose core somebody else uses too, some of `wide` are slow and hardly
//!       any of `chain`. If `beside` makes all of `wide` slower, the somebody
//!       is this program: its two threads have one core between them.
//!
//! A chain waits for its own last step and leaves most of a core idle, so two
//! of them fit into one. Wide work fills a core and has to share.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use lab::{Experiment, Kind, Run};

/// So many pieces; the first tenth by time says how long a piece takes when
/// nobody disturbs it.
const PIECES: usize = 500;
/// A piece is slow that takes so many times as long.
const SLOW: f64 = 1.4;

/// Computes a piece.
type Piece = fn() -> u64;

fn main() -> ExitCode {
    let cases: [(&str, &str, Piece); 2] = [
        ("chain", "each step waits for the step before", chain),
        ("wide", "as many operations at a time as a core can do", wide),
    ];
    let question = "Does each piece of the same work take as long as the next?";
    let mut experiment =
        Experiment::new("threads_neighbor", question).baseline("alone");
    for (case, label, piece) in cases {
        experiment = experiment
            .case(case, label)
            .variant(Kind::Alone, "alone", "on an idle machine", move |run| {
                alone(run, piece)
            })
            .variant(
                Kind::Thread,
                "beside",
                "beside a thread with wide work",
                move |run| beside(run, piece),
            );
    }
    experiment.run()
}

// ANCHOR: pieces
fn alone(run: &mut Run, piece: Piece) -> u64 {
    let pieces = timed(piece);
    tell(run, pieces)
}

fn beside(run: &mut Run, piece: Piece) -> u64 {
    let gate = run.gate(2);
    let done = AtomicBool::new(false);
    let pieces = thread::scope(|scope| {
        scope.spawn(gate.then(|| {
            while !done.load(Ordering::Relaxed) {
                wide();
            }
        }));
        gate.wait();
        let pieces = timed(piece);
        done.store(true, Ordering::Relaxed);
        pieces
    });
    tell(run, pieces)
}

/// How long each piece took, in nanoseconds, and their sum.
fn timed(piece: Piece) -> (Vec<f64>, u64) {
    let mut sum: u64 = 0;
    let one = |_| {
        let began = Instant::now();
        sum = sum.wrapping_add(piece());
        began.elapsed().as_nanos() as f64
    };
    ((0..PIECES).map(one).collect(), sum)
}
// ANCHOR_END: pieces

fn tell(run: &mut Run, (mut took_ns, sum): (Vec<f64>, u64)) -> u64 {
    took_ns.sort_by(f64::total_cmp);
    let quick_ns = took_ns[PIECES / 10];
    let slow = took_ns.iter().filter(|&&ns| ns > SLOW * quick_ns).count();
    run.metric("quick_us", quick_ns / 1e3);
    run.metric("slow_share", slow as f64 / PIECES as f64);
    sum
}

/// The generator of Park and Miller, each step on the result of the last.
#[inline(never)]
fn chain() -> u64 {
    (0..150_000).fold(black_box(1), |x, _| x * 48_271 % 0x7fff_ffff)
}

/// Eight numbers that have nothing to do with each other.
#[inline(never)]
fn wide() -> u64 {
    let mut x: [u64; 8] = black_box([1, 2, 3, 4, 5, 6, 7, 8]);
    for i in 0..400_000_u64 {
        for lane in &mut x {
            *lane = lane.rotate_left(7) ^ i;
        }
    }
    x.iter().fold(0, |all, lane| all ^ lane)
}
