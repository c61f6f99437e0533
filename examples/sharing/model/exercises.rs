//! Every starter fails its test, every solution passes it.
//!
//! They lie here and not in the chapter's `tests`, since they need loom: it
//! runs each in every order, so nothing depends on luck.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use lab::testing::fails;
use loom::thread;

#[path = "../exercises/letter_solution.rs"]
mod letter_solution;
#[path = "../exercises/letter_starter.rs"]
mod letter_starter;
#[path = "../exercises/semaphore_solution.rs"]
mod semaphore_solution;
#[path = "../exercises/semaphore_starter.rs"]
mod semaphore_starter;
#[path = "../exercises/transfer_solution.rs"]
mod transfer_solution;
#[allow(dead_code)] // that it has a number is a hint
#[path = "../exercises/transfer_starter.rs"]
mod transfer_starter;

mod sync {
    pub(crate) use loom::cell::UnsafeCell;
    pub(crate) use loom::sync::atomic::AtomicBool;
    pub(crate) use loom::sync::{Condvar, Mutex};
}

macro_rules! semaphore {
    ($exercise:ident) => {
        || {
            let semaphore = Arc::new($exercise::Semaphore::new(1));
            let inside = Arc::new(AtomicUsize::new(0));
            let (semaphore2, inside2) =
                (Arc::clone(&semaphore), Arc::clone(&inside));
            let visit = |semaphore: &$exercise::Semaphore,
                         inside: &AtomicUsize| {
                semaphore.acquire();
                assert_eq!(inside.fetch_add(1, SeqCst), 0, "two are inside");
                thread::yield_now();
                inside.fetch_sub(1, SeqCst);
                semaphore.release();
            };
            let other = thread::spawn(move || visit(&semaphore2, &inside2));
            // Twice, so that a place can be taken before the other has it.
            visit(&semaphore, &inside);
            visit(&semaphore, &inside);
            other.join().unwrap();
        }
    };
}

#[test]
fn no_more_get_in_than_there_are_places() {
    fails(|| loom::model(semaphore!(semaphore_starter)));
    loom::model(semaphore!(semaphore_solution));
}

macro_rules! transfer {
    ($exercise:ident) => {
        || {
            let account = |number| $exercise::Account {
                number,
                balance: sync::Mutex::new(100),
            };
            let a = Arc::new(account(1));
            let b = Arc::new(account(2));
            let (a2, b2) = (Arc::clone(&a), Arc::clone(&b));
            let there =
                thread::spawn(move || $exercise::transfer(&a2, &b2, 30));
            $exercise::transfer(&b, &a, 10);
            there.join().unwrap();
            assert_eq!(*a.balance.lock().unwrap(), 80);
            assert_eq!(*b.balance.lock().unwrap(), 120);
        }
    };
}

#[test]
fn transfers_in_opposite_directions_get_done() {
    fails(|| loom::model(transfer!(transfer_starter)));
    loom::model(transfer!(transfer_solution));
}

macro_rules! letter {
    ($exercise:ident) => {
        || {
            let letter = Arc::new($exercise::Letter::new());
            let letter2 = Arc::clone(&letter);
            let writer = thread::spawn(move || letter2.write(7));
            if let Some(text) = letter.read() {
                assert_eq!(text, 7);
            }
            writer.join().unwrap();
        }
    };
}

#[test]
fn who_sees_the_flag_reads_the_whole_letter() {
    fails(|| loom::model(letter!(letter_starter)));
    loom::model(letter!(letter_solution));
}
