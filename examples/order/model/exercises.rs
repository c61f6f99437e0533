//! Every starter fails its test, every solution passes it.
//!
//! They lie here and not in the chapter's `tests`, since they need loom: it
//! runs each in every order, so nothing depends on luck.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub)]

use std::sync::Arc;

use lab::testing::fails;
use loom::thread;

#[path = "../exercises/flags_solution.rs"]
mod flags_solution;
#[path = "../exercises/flags_starter.rs"]
mod flags_starter;
#[path = "../exercises/owners_solution.rs"]
mod owners_solution;
#[path = "../exercises/owners_starter.rs"]
mod owners_starter;
#[path = "../exercises/pair_solution.rs"]
mod pair_solution;
#[path = "../exercises/pair_starter.rs"]
mod pair_starter;

mod sync {
    pub(crate) use loom::cell::UnsafeCell;
    pub(crate) use loom::sync::atomic::{
        AtomicBool, AtomicU32, AtomicUsize, fence,
    };
}

macro_rules! flags {
    ($exercise:ident) => {
        || {
            let door = Arc::new($exercise::Door::new());
            let shared = Arc::clone(&door);
            let other = thread::spawn(move || shared.may_enter(1));
            let one = door.may_enter(0);
            assert!(!(one && other.join().unwrap()), "both went in");
        }
    };
}

#[test]
fn a_door_lets_one_of_two_in() {
    fails(|| loom::model(flags!(flags_starter)));
    loom::model(flags!(flags_solution));
}

macro_rules! owners {
    ($exercise:ident) => {
        || {
            let notebook = Arc::new($exercise::Notebook::new());
            let shared = Arc::clone(&notebook);
            let other = thread::spawn(move || shared.write(1, 2));
            let read = [notebook.write(0, 1), other.join().unwrap()];
            assert!(read == [Some(3), None] || read == [None, Some(3)]);
        }
    };
}

#[test]
fn the_last_owner_reads_what_all_have_written() {
    fails(|| loom::model(owners!(owners_starter)));
    loom::model(owners!(owners_solution));
}

macro_rules! pair {
    ($exercise:ident) => {
        || {
            let pair = Arc::new($exercise::Pair::new());
            let shared = Arc::clone(&pair);
            let writer = thread::spawn(move || shared.write(7));
            if let Some([one, other]) = pair.read() {
                assert_eq!(one, other, "half a pair");
            }
            writer.join().unwrap();
            assert_eq!(pair.read(), Some([7, 7]));
        }
    };
}

#[test]
fn a_reader_gets_a_whole_pair_or_none() {
    fails(|| loom::model(pair!(pair_starter)));
    loom::model(pair!(pair_solution));
}
