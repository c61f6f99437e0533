//! A stack of slots without a lock: is a slot ever given to two at once?
//!
//! Run:  cargo run --example order_aba
//! See:  without a tag beside its top, yes: each time when the steps are put in
//!       the wrong order on purpose, and soon when two threads go on as they
//!       like. With a tag never.

use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use lab::{Experiment, Kind, Run};
use order::broken::Untagged;
use order::harness::keep_apart;
use order::tagged::Tagged;

/// Turns of each thread, if nothing goes wrong before.
const TURNS: u64 = 1_000_000;
const SLOTS: u32 = 4;

fn main() -> ExitCode {
    Experiment::new(
        "order_aba",
        "Does a stack without a lock give one slot to two at once?",
    )
    .baseline("none")
    .observed()
    .case("purpose", "the other comes in between, on purpose")
    .variant(Kind::Alone, "untagged", "the slot alone", |run| {
        let slots = Untagged::new(SLOTS);
        on_purpose(run, &slots, |between| slots.pop_after(between))
    })
    .variant(Kind::Alone, "tagged", "the slot and a tag", |run| {
        let slots = Tagged::new(SLOTS);
        on_purpose(run, &slots, |between| slots.pop_after(between))
    })
    .case("trial", "two threads, as it comes")
    .variant(Kind::Thread, "untagged", "the slot alone", |run| {
        as_it_comes(run, &Untagged::new(SLOTS))
    })
    .variant(Kind::Thread, "tagged", "the slot and a tag", |run| {
        as_it_comes(run, &Tagged::new(SLOTS))
    })
    .run()
}

trait Slots: Sync {
    fn pop(&self) -> Option<u32>;
    fn push(&self, slot: u32);
}

impl Slots for Untagged {
    fn pop(&self) -> Option<u32> {
        self.pop()
    }
    fn push(&self, slot: u32) {
        self.push(slot);
    }
}

impl Slots for Tagged {
    fn pop(&self) -> Option<u32> {
        self.pop()
    }
    fn push(&self, slot: u32) {
        self.push(slot);
    }
}

// ANCHOR: purpose
/// One looks at the top; before it exchanges it, the other takes two slots and
/// puts the first back, once.
fn on_purpose<S: Slots>(
    run: &mut Run,
    slots: &S,
    pop_after: impl Fn(&dyn Fn()) -> Option<u32>,
) -> String {
    let (taken, once) = (AtomicBool::new(false), AtomicBool::new(true));
    let mine = pop_after(&|| {
        if once.swap(false, Relaxed) {
            let (a, b) = (slots.pop(), slots.pop()); // 0 and 1
            slots.push(a.expect("a slot"));
            taken.store(b == Some(1), Relaxed); // 1 is ours from now on
        }
    });
    let next = slots.pop();
    let twice = taken.load(Relaxed) && (mine == Some(1) || next == Some(1));
    run.metric("twice", if twice { 1.0 } else { 0.0 });
    if twice { "slot 1 given to two".into() } else { "each to one".into() }
}
// ANCHOR_END: purpose

/// Each takes two slots, puts the first back and then the second, again and
/// again, until a slot is given to them that is not free.
fn as_it_comes(run: &mut Run, slots: &impl Slots) -> &'static str {
    let owned = [const { AtomicBool::new(false) }; SLOTS as usize];
    let twice = AtomicBool::new(false);
    let take = || {
        let slot = slots.pop()?;
        if owned[slot as usize].swap(true, SeqCst) {
            twice.store(true, SeqCst);
        }
        Some(slot)
    };
    let give = |slot: Option<u32>| {
        if let Some(slot) = slot {
            owned[slot as usize].store(false, SeqCst);
            slots.push(slot);
        }
    };
    let turns = run.together(2, |i| {
        keep_apart(i, 2);
        for turn in 0..TURNS {
            if twice.load(Relaxed) {
                return turn;
            }
            let (first, second) = (take(), take());
            give(first);
            give(second);
        }
        TURNS
    });
    let twice = twice.into_inner();
    run.metric("twice", if twice { 1.0 } else { 0.0 });
    run.metric("turns", turns.iter().sum::<u64>() as f64);
    if twice { "a slot given to two" } else { "each to one" }
}
