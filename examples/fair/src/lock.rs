//! What all the locks have in common: a turn at what they protect.

use std::sync::Mutex;
use std::thread;

use parking_lot::FairMutex;
use sharing::park::ParkLock;
use sharing::spin::SpinLock;

use crate::ticket::TicketLock;

/// Whose turn it was last, kept under the lock.
#[derive(Default)]
pub struct Board {
    last: Option<usize>,
    row: u64,
    pub(crate) turns: u64,
    pub(crate) again: u64,
    pub(crate) longest_row: u64,
}

impl Board {
    /// A turn of thread `me`.
    pub fn note(&mut self, me: usize) {
        self.turns += 1;
        self.row += 1;
        if self.last == Some(me) {
            self.again += 1;
        } else {
            self.row = 1;
        }
        self.longest_row = self.longest_row.max(self.row);
        self.last = Some(me);
    }
}

/// A lock around a board.
pub trait Lock: Sync {
    /// Runs `work` on the board when nobody else does.
    fn turn<R>(&self, work: impl FnOnce(&mut Board) -> R) -> R;
}

impl Lock for Mutex<Board> {
    fn turn<R>(&self, work: impl FnOnce(&mut Board) -> R) -> R {
        work(&mut self.lock().unwrap())
    }
}

impl Lock for parking_lot::Mutex<Board> {
    fn turn<R>(&self, work: impl FnOnce(&mut Board) -> R) -> R {
        work(&mut self.lock())
    }
}

/// Each unlock of it is `unlock_fair`.
impl Lock for FairMutex<Board> {
    fn turn<R>(&self, work: impl FnOnce(&mut Board) -> R) -> R {
        work(&mut self.lock())
    }
}

impl Lock for tokio::sync::Mutex<Board> {
    fn turn<R>(&self, work: impl FnOnce(&mut Board) -> R) -> R {
        work(&mut self.blocking_lock())
    }
}

impl Lock for SpinLock<Board> {
    fn turn<R>(&self, work: impl FnOnce(&mut Board) -> R) -> R {
        self.with(work)
    }
}

impl Lock for ParkLock<Board> {
    fn turn<R>(&self, work: impl FnOnce(&mut Board) -> R) -> R {
        self.with(work)
    }
}

impl Lock for TicketLock<Board> {
    fn turn<R>(&self, work: impl FnOnce(&mut Board) -> R) -> R {
        self.with(work)
    }
}

/// The ticket lock, and the core is offered to others between two looks.
pub struct YieldingTicket(pub TicketLock<Board>);

impl Lock for YieldingTicket {
    fn turn<R>(&self, work: impl FnOnce(&mut Board) -> R) -> R {
        self.0.with_pause(thread::yield_now, work)
    }
}

/// The standard library's, and the core is offered to others after each turn.
pub struct Yielding(pub Mutex<Board>);

impl Lock for Yielding {
    fn turn<R>(&self, work: impl FnOnce(&mut Board) -> R) -> R {
        let answer = self.0.turn(work);
        thread::yield_now();
        answer
    }
}
