//! The turns that two threads take, under loom, which runs them in every order
//! that its model of memory knows.

// The file belongs to another crate, and more of it than is used here.
#![allow(dead_code)]

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

pub use turn::Turn;

#[path = "../src/turn.rs"]
mod turn;

/// Loom's, in place of what the crate has from std.
mod sync {
    pub(crate) use loom::sync::atomic::{AtomicUsize, Ordering};
    pub(crate) use loom::thread::{Thread, park};
}

type Game = (Turn, UnsafeCell<Vec<usize>>);

/// Waits for one's turn and writes down that it came. Nothing is locked.
fn step(game: &Game, me: usize, wait: fn(&Turn, usize)) {
    wait(&game.0, me);
    // SAFETY: loom fails the test if somebody else is here.
    game.1.with_mut(|moves| unsafe { (*moves).push(me) });
}

/// Two threads, two turns each. The main thread only waits for their end, since
/// loom cannot wake a thread for one thing that waits for another.
pub fn play(wait: fn(&Turn, usize)) {
    loom::model(move || {
        let game = Arc::new((Turn::of(0), UnsafeCell::new(Vec::new())));
        let ours = Arc::clone(&game);
        let first = thread::spawn(move || {
            let (theirs, first) = (Arc::clone(&ours), thread::current());
            let second = thread::spawn(move || {
                for _ in 0..2 {
                    step(&theirs, 1, wait);
                    theirs.0.pass(0, &first);
                }
            });
            for _ in 0..2 {
                step(&ours, 0, wait);
                ours.0.pass(1, second.thread());
            }
            second
        });
        first.join().unwrap().join().unwrap();
        // SAFETY: both have ended.
        game.1.with(|moves| assert_eq!(unsafe { &*moves }, &[0, 1, 0, 1]));
    });
}
