//! Two threads on two cores, one lock. Each holds it for a tenth of a
//! millisecond, lets go, and takes it again at once. Does the other get a turn?
//!
//! Run:  cargo run --example fair_greedy
//! See:  under the standard library's mutex nearly all turns are one thread's,
//!       and the other waits as long as this goes on; offering the core in
//!       between does not help, time outside of the lock does; on one core it
//!       is the kernel that shares the turns out. parking_lot's hands over now
//!       and then, `FairMutex`, tokio's and a ticket lock each time.

use std::process::ExitCode;
use std::sync::Mutex;

use fair::lock::{Board, Lock, Yielding};
use fair::ticket::TicketLock;
use fair::turns::{Cores, Pace, threads};
use lab::{Experiment, Kind, Run};
use parking_lot::FairMutex;
use sharing::park::ParkLock;
use sharing::spin::SpinLock;

const INSIDE_NS: u64 = 100_000;
const LENGTH_NS: u64 = 60_000_000;

fn main() -> ExitCode {
    let board = Board::default;
    Experiment::new(
        "fair_greedy",
        "A thread lets go of a lock and takes it again: whose turn is it?",
    )
    .baseline("std")
    .variant(Kind::Thread, "std", "std::sync::Mutex", move |run| {
        greedy(run, Mutex::new(board()))
    })
    .variant(Kind::Thread, "std_yield", "the same, yielding", move |run| {
        greedy(run, Yielding(Mutex::new(board())))
    })
    .variant(Kind::Thread, "std_outside", "as long outside", move |run| {
        let pace = Pace { outside_ns: INSIDE_NS, ..GREEDY };
        threads(run, 2, pace, Mutex::new(board()))
    })
    .variant(Kind::Thread, "std_one_core", "on one core", move |run| {
        let pace = Pace { cores: Cores::One, ..GREEDY };
        threads(run, 2, pace, Mutex::new(board()))
    })
    .variant(Kind::Thread, "parking_lot", "parking_lot::Mutex", move |run| {
        greedy(run, parking_lot::Mutex::new(board()))
    })
    .variant(Kind::Thread, "fair_mutex", "parking_lot::FairMutex", move |run| {
        greedy(run, FairMutex::new(board()))
    })
    .variant(Kind::Thread, "tokio", "tokio::sync::Mutex", move |run| {
        greedy(run, tokio::sync::Mutex::new(board()))
    })
    .variant(Kind::Thread, "spin", "ours, asking again", move |run| {
        greedy(run, SpinLock::new(board()))
    })
    .variant(Kind::Thread, "park", "ours, asleep", move |run| {
        greedy(run, ParkLock::new(board()))
    })
    .variant(Kind::Thread, "ticket", "ours, with tickets", move |run| {
        greedy(run, TicketLock::new(board()))
    })
    .run()
}

// ANCHOR: greedy
const GREEDY: Pace = Pace {
    inside_ns: INSIDE_NS,
    outside_ns: 0,
    length_ns: LENGTH_NS,
    cores: Cores::Apart,
};

fn greedy(run: &mut Run, lock: impl Lock) -> String {
    threads(run, 2, GREEDY, lock)
}
// ANCHOR_END: greedy
