//! Flows take turns at a lock for a while, and each notes how long it waited.

use std::sync::Arc;
use std::thread;

use lab::timeline::now_ns;
use lab::{Run, os};
use tokio::runtime::Builder;

use crate::lock::{Board, Lock};
use crate::spin;

/// How long a turn lasts, how long a flow does something else afterwards, and
/// for how long this goes on.
#[derive(Clone, Copy)]
pub struct Pace {
    /// Under the lock.
    pub inside_ns: u64,
    /// Between two turns.
    pub outside_ns: u64,
    /// All of it.
    pub length_ns: u64,
    /// Where the threads run.
    pub cores: Cores,
}

/// Where threads run, as far as that can be asked for.
#[derive(Clone, Copy)]
pub enum Cores {
    /// Wherever the kernel puts them.
    Any,
    /// Each of two on a core of its own.
    Apart,
    /// All on the same one.
    One,
}

/// What a flow had of it.
#[derive(Default)]
pub struct Tally {
    turns: u64,
    worst_ns: u64,
}

impl Tally {
    /// A turn after such a wait.
    pub fn note(&mut self, waited_ns: u64) {
        self.turns += 1;
        self.worst_ns = self.worst_ns.max(waited_ns);
    }

    /// How many turns it had.
    pub fn turns(&self) -> u64 {
        self.turns
    }

    /// Its longest wait.
    pub fn worst_ms(&self) -> f64 {
        self.worst_ns as f64 / 1e6
    }
}

/// So many threads take turns.
pub fn threads(
    run: &mut Run,
    count: usize,
    pace: Pace,
    lock: impl Lock,
) -> String {
    let gate = &run.gate(count);
    let lock = &lock;
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let all: Vec<_> = (0..count)
            .map(|me| {
                scope.spawn(move || {
                    stay(me, pace.cores);
                    gate.wait();
                    one(me, gate.began_ns() + pace.length_ns, pace, lock)
                })
            })
            .collect();
        all.into_iter().map(|flow| flow.join().unwrap()).collect()
    });
    run.stop_clock();
    lock.turn(|board| conclude(run, &tallies, board))
}

fn stay(me: usize, cores: Cores) {
    let Some(apart) = os::cpus_apart() else { return };
    match cores {
        Cores::Any => return,
        Cores::Apart => os::pin_to(&[apart[me % 2]]),
        Cores::One => os::pin_to(&apart[..1]),
    };
}

// ANCHOR: one
fn one(me: usize, end_ns: u64, pace: Pace, lock: &impl Lock) -> Tally {
    let mut tally = Tally::default();
    loop {
        let asked = now_ns();
        if asked >= end_ns {
            return tally;
        }
        let got = lock.turn(|board| {
            let got = now_ns();
            board.note(me);
            spin(pace.inside_ns);
            got
        });
        tally.note(got - asked);
        spin(pace.outside_ns); // and the next thing it does is to ask again
    }
}
// ANCHOR_END: one

/// So many tasks of tokio's do the same, under its mutex.
pub fn tasks(run: &mut Run, count: usize, pace: Pace) -> String {
    let workers = run.threads();
    let runtime = Builder::new_multi_thread().worker_threads(workers).build();
    let runtime = runtime.expect("tokio's threads");
    let lock = Arc::new(tokio::sync::Mutex::new(Board::default()));
    run.start_clock();
    let end_ns = now_ns() + pace.length_ns;
    let tallies: Vec<Tally> = runtime.block_on(async {
        let all: Vec<_> = (0..count)
            .map(|me| {
                let lock = Arc::clone(&lock);
                tokio::spawn(async move {
                    let mut tally = Tally::default();
                    loop {
                        let asked = now_ns();
                        if asked >= end_ns {
                            return tally;
                        }
                        let mut board = lock.lock().await;
                        tally.note(now_ns() - asked);
                        board.note(me);
                        spin(pace.inside_ns);
                        drop(board);
                        spin(pace.outside_ns);
                    }
                })
            })
            .collect();
        let mut tallies = Vec::new();
        for task in all {
            tallies.push(task.await.expect("no task panics"));
        }
        tallies
    });
    run.stop_clock();
    conclude(run, &tallies, &lock.blocking_lock())
}

fn conclude(run: &mut Run, tallies: &[Tally], board: &Board) -> String {
    let total: u64 = tallies.iter().map(Tally::turns).sum();
    assert_eq!(total, board.turns, "a turn was lost");
    let fair = total as f64 / tallies.len() as f64;
    let least = tallies.iter().map(Tally::turns).min().unwrap_or(0) as f64;
    let worst = tallies.iter().map(Tally::worst_ms).fold(0.0, f64::max);
    run.metric("each_us", run.elapsed().as_secs_f64() * 1e6 / total as f64);
    run.metric("least_share", least / fair);
    run.metric("again_share", board.again as f64 / total as f64);
    run.metric("row", board.longest_row as f64);
    run.metric("worst_wait_ms", worst);
    "every turn counted".into()
}
