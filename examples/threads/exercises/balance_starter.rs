//! Exercise 3: two workers, and the two long jobs come first. One worker gets
//! both.

use std::thread;

/// Calls `work` once for each of the jobs `0..jobs`, on `workers` threads.
pub fn share_out(jobs: usize, workers: usize, work: impl Fn(usize) + Sync) {
    let work = &work;
    thread::scope(|scope| {
        for worker in 0..workers {
            let mine = worker * jobs / workers..(worker + 1) * jobs / workers;
            scope.spawn(move || mine.for_each(work));
        }
    });
}
