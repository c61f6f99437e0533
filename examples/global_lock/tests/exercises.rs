//! Every starter fails its test, every solution passes it.
//!
//! Nothing here depends on speed: threads that should meet wait for each other,
//! and give up after a while.

// The exercises are small modules of public functions, as a reader would write
// them, and of some only a part is called here.
#![allow(unreachable_pub, dead_code)]

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

use global_lock::lock::GlobalLock;
use global_lock::machine::{Job, Team};
use global_lock::object::Value;
use global_lock::program::Program;
use lab::Gate;
use lab::testing::fails;

#[path = "../exercises/borrow_solution.rs"]
mod borrow_solution;
#[path = "../exercises/borrow_starter.rs"]
mod borrow_starter;
#[path = "../exercises/polite_solution.rs"]
mod polite_solution;
#[path = "../exercises/polite_starter.rs"]
mod polite_starter;
#[path = "../exercises/turnstile_solution.rs"]
mod turnstile_solution;
#[path = "../exercises/turnstile_starter.rs"]
mod turnstile_starter;

/// Two programs wait for each other: with the lock kept, the first waits in
/// vain.
fn meets(politely: impl Fn(&Team<'_>, &GlobalLock) -> Vec<Value>) {
    let program =
        Program::parse("foreign meet\n const 2  wait meet  return").unwrap();
    let (there, changed) = (Mutex::new(0), Condvar::new());
    let meet = |expected: i64| {
        let mut there = there.lock().unwrap();
        *there += 1;
        changed.notify_all();
        let patience = Duration::from_millis(1500);
        let missing = |there: &mut i64| *there < expected;
        let (_there, waited) =
            changed.wait_timeout_while(there, patience, missing).unwrap();
        i64::from(!waited.timed_out())
    };
    let job = Job { program: &program, own: vec![], foreign: vec![&meet] };
    let jobs = vec![job.clone(), job];
    let team = Team { shared: vec![], jobs, gate: Gate::of(2) };
    let lock = GlobalLock::new(Duration::from_millis(1));
    assert_eq!(politely(&team, &lock), [Value::Int(1), Value::Int(1)]);
}

/// One program computes until another has put something into a list, but not
/// forever.
fn gives_way(politely: impl Fn(&Team<'_>, &GlobalLock) -> Vec<Value>) {
    let watch = "
        args l
        loop: load l  length  const 1  unless_less done
              load i  const 30000000  unless_less done
              load i  const 1  add  store i
              jump loop
        done: load l  length  return";
    let put = "args l\n load l  const 7  append  const 1  return";
    let programs = [watch, put].map(|text| Program::parse(text).unwrap());
    let jobs = programs.iter();
    let jobs =
        jobs.map(|program| Job { program, own: vec![], foreign: vec![] });
    let shared = vec![Value::List(vec![])];
    let team = Team { shared, jobs: jobs.collect(), gate: Gate::of(2) };
    let lock = GlobalLock::new(Duration::from_millis(1));
    assert_eq!(politely(&team, &lock), [Value::Int(1), Value::Int(1)]);
}

#[test]
fn whoever_holds_the_lock_gives_way_and_lets_go_around_a_wait() {
    fails(|| meets(polite_starter::politely));
    meets(polite_solution::politely);
    gives_way(polite_solution::politely);
}

/// A lock as the second exercise has it.
trait Turns: Default + Sync {
    fn waiting(&self) -> usize;
    fn take(&self);
    fn let_go(&self);
    fn give_way(&self);
}

macro_rules! turns {
    ($module:ident) => {
        impl Turns for $module::Turnstile {
            fn waiting(&self) -> usize {
                self.waiting()
            }
            fn take(&self) {
                self.take();
            }
            fn let_go(&self) {
                self.let_go();
            }
            fn give_way(&self) {
                self.give_way();
            }
        }
    };
}
turns!(turnstile_starter);
turns!(turnstile_solution);

fn passes_the_turn<L: Turns>() {
    for _ in 0..200 {
        let (lock, had) = (L::default(), AtomicBool::new(false));
        lock.give_way_alone();
        let in_time = thread::scope(|scope| {
            scope.spawn(|| {
                lock.take();
                had.store(true, Ordering::Relaxed);
                lock.let_go();
            });
            while lock.waiting() == 0 {
                thread::yield_now();
            }
            lock.give_way();
            let in_time = had.load(Ordering::Relaxed);
            lock.let_go();
            in_time
        });
        assert!(in_time, "back before the other had its turn");
    }
}

/// With nobody waiting, giving way must not wait for anybody.
trait Alone: Turns {
    fn give_way_alone(&self) {
        self.take();
        self.give_way();
    }
}
impl<L: Turns> Alone for L {}

#[test]
fn giving_way_passes_the_turn_to_whoever_waits() {
    fails(passes_the_turn::<turnstile_starter::Turnstile>);
    passes_the_turn::<turnstile_solution::Turnstile>();
}

/// A reference that notes how often it was counted up.
struct Counted<'a>(u64, &'a AtomicUsize);

impl Clone for Counted<'_> {
    fn clone(&self) -> Self {
        self.1.fetch_add(1, Ordering::Relaxed);
        Counted(self.0, self.1)
    }
}

impl Deref for Counted<'_> {
    type Target = u64;

    fn deref(&self) -> &u64 {
        &self.0
    }
}

fn counts_little(count_twice: impl Fn(&Counted<'_>) -> u64) {
    let counted = AtomicUsize::new(0);
    assert_eq!(count_twice(&Counted(500, &counted)), 1000);
    assert!(counted.into_inner() <= 2, "each step counts a reference");
}

#[test]
fn a_shared_bound_is_read_without_counting() {
    fails(|| counts_little(|bound| borrow_starter::count_twice(bound)));
    counts_little(|bound| borrow_solution::count_twice(bound));
}
