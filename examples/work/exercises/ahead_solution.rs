//! Exercise 2, solved. A second thread waits for the answers, and a channel
//! with one place keeps it one answer ahead. It needs no core of its own.

use std::sync::mpsc::sync_channel;
use std::thread;

/// Fetches answer after answer and computes with each. While it computes with
/// one, the next should be on its way.
pub fn all<A: Send, B>(
    jobs: usize,
    fetch: impl Fn(usize) -> A + Sync,
    compute: impl FnMut(A) -> B,
) -> Vec<B> {
    let (sender, answers) = sync_channel(1);
    let fetch = &fetch;
    thread::scope(|scope| {
        scope.spawn(move || {
            for job in 0..jobs {
                if sender.send(fetch(job)).is_err() {
                    break; // nobody computes any more
                }
            }
        });
        answers.into_iter().map(compute).collect()
    })
}
