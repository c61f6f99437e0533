//! Workers that take jobs until there are none. With fewer threads than asked
//! for it takes longer, and with none this thread does it all.

use std::io;
use std::thread::JoinHandle;

/// Has `start` start `most` workers, and waits for them. Each worker goes on
/// as long as there are jobs, and `help` does the same in this thread.
pub fn work(
    most: usize,
    start: impl Fn() -> io::Result<JoinHandle<()>>,
    help: impl FnOnce(),
) {
    // Who was refused once will be refused again: no more are asked for.
    let granted = (0..most).map_while(|_| start().ok());
    let workers: Vec<_> = granted.collect();
    if workers.is_empty() {
        help();
    }
    for worker in workers {
        worker.join().unwrap();
    }
}
