//! Two to sixteen threads take short turns at a lock, with as much to do
//! outside. How even are the turns, and what does it cost to make them so?
//!
//! Run:  cargo run --example fair_turns
//! See:  where nobody can pass, the turns are even, and each costs several
//!       times as much: whoever is next has to be woken first. Among tasks that
//!       is quicker. A ticket lock is fair; with more threads than cores it
//!       stands still, unless those who wait offer their core to others.
//!
//! A microsecond under the lock, and a microsecond outside.

use std::process::ExitCode;
use std::sync::Mutex;

use fair::lock::{Board, YieldingTicket};
use fair::ticket::TicketLock;
use fair::turns::{Cores, Pace, tasks, threads};
use lab::{Experiment, Kind};
use parking_lot::FairMutex;
use sharing::park::ParkLock;
use sharing::spin::SpinLock;

fn main() -> ExitCode {
    let board = Board::default;
    let mut experiment = Experiment::new(
        "fair_turns",
        "How even are the turns at a lock, and what does that cost?",
    )
    .baseline("std");
    for n in [2, 4, 8, 16] {
        let pace = Pace {
            inside_ns: 1_000,
            outside_ns: 1_000,
            length_ns: 20_000_000 + 4_000_000 * n as u64,
            cores: Cores::Any,
        };
        experiment = experiment
            .case(&n.to_string(), "threads that want the lock")
            .variant(Kind::Thread, "std", "std::sync::Mutex", move |run| {
                threads(run, n, pace, Mutex::new(board()))
            })
            .variant(
                Kind::Thread,
                "parking_lot",
                "parking_lot::Mutex",
                move |run| {
                    threads(run, n, pace, parking_lot::Mutex::new(board()))
                },
            )
            .variant(
                Kind::Thread,
                "fair_mutex",
                "parking_lot::FairMutex",
                move |run| threads(run, n, pace, FairMutex::new(board())),
            )
            .variant(Kind::Thread, "tokio", "tokio::sync::Mutex", move |run| {
                threads(run, n, pace, tokio::sync::Mutex::new(board()))
            })
            .variant(Kind::Task, "tasks", "tokio's, among tasks", move |run| {
                tasks(run, n, pace)
            })
            .variant(Kind::Thread, "spin", "ours, asking again", move |run| {
                threads(run, n, pace, SpinLock::new(board()))
            })
            .variant(Kind::Thread, "park", "ours, asleep", move |run| {
                threads(run, n, pace, ParkLock::new(board()))
            })
            .variant(Kind::Thread, "ticket", "ours, with tickets", move |run| {
                threads(run, n, pace, TicketLock::new(board()))
            })
            .variant(
                Kind::Thread,
                "ticket_yields",
                "ours, with tickets, yielding",
                move |run| {
                    let lock = YieldingTicket(TicketLock::new(board()));
                    threads(run, n, pace, lock)
                },
            );
    }
    experiment.run()
}
