//! Exercise 1: this arrangement has a global lock. Whoever has it never lets
//! it go, and everybody else waits until the end. Mend that in two places.

use std::thread;

use global_lock::lock::{GlobalLock, Held};
use global_lock::machine::{Rules, Start, Team, run};
use global_lock::object::{Atomic, Value};

struct Polite<'l>(Held<'l>);

impl Rules for Polite<'_> {
    type Heap = Atomic; // so that no `unsafe` is needed; the lock is the same

    fn breaker(&mut self) {}

    fn waiting(&mut self, wait: impl FnOnce() -> i64) -> i64 {
        let _held = &self.0;
        wait()
    }
}

/// A thread for each job, and one lock for all of them.
pub fn politely(team: &Team<'_>, lock: &GlobalLock) -> Vec<Value> {
    thread::scope(|scope| {
        let threads: Vec<_> = team
            .jobs
            .iter()
            .zip(Start::all(team))
            .map(|(job, start)| {
                scope.spawn(|| run(job, start, &mut Polite(lock.hold())))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
