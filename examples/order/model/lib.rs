//! The page's litmus tests and stacks under loom, a model checker, and what its
//! limits are.

// The files belong to another crate, and more of them than is used here.
#![allow(dead_code, missing_docs, unreachable_pub)]

use std::sync::Arc;
use std::sync::atomic::AtomicBool as Noted;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use loom::hint::spin_loop;
use loom::sync::atomic::{AtomicBool, AtomicU32};
use loom::thread;

use litmus::{Litmus, Orders};

#[path = "../broken/mod.rs"]
pub mod broken;
#[path = "../src/litmus.rs"]
pub mod litmus;
#[path = "../src/tagged.rs"]
pub mod tagged;

/// What they are made of: the checker's, in place of the standard library's.
mod sync {
    pub use loom::sync::atomic::{AtomicU32, AtomicU64, fence};
}

/// Whether the checker finds the outcome that no interleaving gives.
pub fn is_weak<L: Litmus + 'static, O: Orders + 'static>() -> bool {
    let found = Arc::new(Noted::new(false));
    let note = Arc::clone(&found);
    loom::model(move || {
        let numbers = Arc::new([AtomicU32::new(0), AtomicU32::new(0)]);
        let others: Vec<_> = (1..L::THREADS)
            .map(|i| {
                let [x, y] = [0, 1].map(|_| Arc::clone(&numbers));
                thread::spawn(move || L::act::<O>(i, &x[0], &y[1]))
            })
            .collect();
        let mut read = L::act::<O>(0, &numbers[0], &numbers[1]);
        for other in others {
            read |= other.join().unwrap();
        }
        note.fetch_or(read == L::WEAK, Relaxed);
    });
    found.load(Relaxed)
}

/// One thread takes a slot. The other takes two, puts the first back and takes
/// the top again. No slot may be two's.
macro_rules! slots {
    ($stack:path) => {
        || {
            use $stack as Slots;
            let slots = Arc::new(Slots::new(3));
            let shared = Arc::clone(&slots);
            let other = thread::spawn(move || shared.pop());
            let (first, second) = (slots.pop(), slots.pop());
            slots.push(first.expect("three slots, and three are taken"));
            let third = slots.pop();
            let mut taken = [second, third, other.join().unwrap()];
            taken.sort();
            assert!(
                taken.windows(2).all(|two| two[0] != two[1]),
                "a slot is given to two"
            );
        }
    };
}

pub fn untagged() {
    loom::model(slots!(broken::Untagged));
}

pub fn tagged() {
    loom::model(slots!(tagged::Tagged));
}

/// The stack with an ordering weakened, by `build.rs`.
pub mod planted {
    macro_rules! planted {
        ($($name:ident)*) => {$(
            /// See `build.rs`.
            #[allow(unused_imports)]
            pub mod $name {
                mod stack {
                    include!(concat!(
                        env!("OUT_DIR"), "/", stringify!($name), ".rs"
                    ));
                }

                /// Takes slots and puts one back.
                pub fn slots() {
                    use super::super::{Arc, thread};
                    loom::model(slots!(stack::Tagged));
                }
            }
        )*};
    }

    planted!(look_relaxed put_back_relaxed);
}

// ANCHOR: spin
/// Waits for a flag, and does not say that it waits.
fn wait(raised: &AtomicBool) {
    while !raised.load(Acquire) {}
}

/// The same, and the checker lets another thread go on.
fn wait_and_say_so(raised: &AtomicBool) {
    while !raised.load(Acquire) {
        spin_loop(); // or `loom::thread::yield_now()`
    }
}
// ANCHOR_END: spin

/// One thread raises a flag, the other waits for it.
fn waits(wait: fn(&AtomicBool)) {
    loom::model(move || {
        let raised = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&raised);
        let other = thread::spawn(move || flag.store(true, Release));
        wait(&raised);
        other.join().unwrap();
    });
}

pub fn spins_silently() {
    waits(wait);
}

pub fn spins_and_says_so() {
    waits(wait_and_say_so);
}

/// A program that waits for nobody and has many steps.
fn long() {
    let number = AtomicU32::new(0);
    (0..1_200).for_each(|_| _ = number.fetch_add(1, Relaxed));
}

pub fn many_steps() {
    loom::model(long);
}

pub fn many_steps_allowed() {
    let mut checker = loom::model::Builder::new();
    checker.max_branches = 10_000;
    checker.check(long);
}
