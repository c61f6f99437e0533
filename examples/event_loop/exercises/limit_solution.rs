//! Exercise 2, solved. `limit` tasks, and whichever is free takes the next job,
//! as in a pool of threads. The queue needs no lock: between two awaits nobody
//! else runs.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;

use event_loop::Handle;

/// Runs every job, `limit` of them at once, and returns their answers in the
/// order of the jobs.
pub async fn some_at_once<T: 'static>(
    handle: &Handle,
    jobs: Vec<impl Future<Output = T> + 'static>,
    limit: usize,
) -> Vec<T> {
    let mut answers: Vec<Option<T>> = jobs.iter().map(|_| None).collect();
    let queue = Rc::new(RefCell::new(jobs.into_iter().enumerate()));
    let workers: Vec<_> = (0..limit)
        .map(|_| {
            let queue = Rc::clone(&queue);
            handle.spawn(async move {
                let mut mine = Vec::new();
                loop {
                    // Taken in a statement of its own: the borrow must have
                    // ended when the job awaits.
                    let next = queue.borrow_mut().next();
                    let Some((i, job)) = next else { return mine };
                    mine.push((i, job.await));
                }
            })
        })
        .collect();
    for worker in workers {
        for (i, answer) in worker.await {
            answers[i] = Some(answer);
        }
    }
    answers.into_iter().map(|answer| answer.expect("every job ran")).collect()
}
