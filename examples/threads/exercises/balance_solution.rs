//! Exercise 3, solved. Nobody owns a job before it is begun: whoever is free
//! takes the next.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Calls `work` once for each of the jobs `0..jobs`, on `workers` threads.
pub fn share_out(jobs: usize, workers: usize, work: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    let (next, work) = (&next, &work);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(move || {
                loop {
                    let job = next.fetch_add(1, Ordering::Relaxed);
                    if job >= jobs {
                        break;
                    }
                    work(job);
                }
            });
        }
    });
}
