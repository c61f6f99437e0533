//! Nobody keeps a task. Does it go on?
//!
//! Run:  cargo run --example cancel_kept
//! See:  in Rust the runtime keeps what was spawned, until it ends or the
//!       runtime does: a task that nobody can wake is never done and never
//!       gone. In Python the loop has weak references only. A task goes on as
//!       long as something that will wake it refers to it, such as a timer; one
//!       that waits for what only it refers to is collected.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use cancelling::one_thread;
use lab::{Experiment, Kind, Run};
use tokio::sync::oneshot;
use tokio::time::sleep;

const WORK: Duration = Duration::from_millis(20);
/// By then whatever will be done is done.
const AFTER: Duration = Duration::from_millis(60);

fn main() -> ExitCode {
    Experiment::new("cancel_kept", "Nobody keeps a task: does it go on?")
        .baseline("timer")
        .observed()
        .variant(Kind::Task, "timer", "it waits for a timer", |run| {
            forgotten(run, async |fate| {
                tokio::spawn(timer(fate));
            })
        })
        .variant(Kind::Task, "outside", "somebody will wake it", |run| {
            forgotten(run, async |fate| {
                let (to, from) = oneshot::channel();
                tokio::spawn(waits_for(from, fate));
                sleep(WORK).await;
                to.send(()).expect("it waits");
            })
        })
        .variant(Kind::Task, "own_future", "nobody can wake it", |run| {
            forgotten(run, async |fate| {
                tokio::spawn(own_future(fate));
            })
        })
        .run()
}

// ANCHOR: kept
async fn timer(fate: Fate) {
    sleep(WORK).await;
    fate.done.store(true, Relaxed);
}

async fn own_future(fate: Fate) {
    let (_to, from) = oneshot::channel();
    waits_for(from, fate).await; // only the task itself could send
}
// ANCHOR_END: kept

async fn waits_for(from: oneshot::Receiver<()>, fate: Fate) {
    from.await.expect("the other end is there");
    fate.done.store(true, Relaxed);
}

/// What became of a task.
#[derive(Default)]
struct Ends {
    done: AtomicBool,
    gone: AtomicBool,
}

/// The task's share of it: dropped with the task.
struct Fate(Arc<Ends>);

impl std::ops::Deref for Fate {
    type Target = Ends;

    fn deref(&self) -> &Ends {
        &self.0
    }
}

impl Drop for Fate {
    fn drop(&mut self) {
        self.gone.store(true, Relaxed);
    }
}

/// Starts a task, forgets it, and looks after a while what became of it.
fn forgotten(run: &mut Run, start: impl AsyncFn(Fate)) -> String {
    let ends = Arc::<Ends>::default();
    let (done, gone) = one_thread().block_on(async {
        start(Fate(Arc::clone(&ends))).await;
        sleep(AFTER).await;
        (ends.done.load(Relaxed), ends.gone.load(Relaxed))
    });
    run.metric("done", f64::from(done));
    run.metric("collected", f64::from(gone && !done));
    match (done, gone) {
        (true, _) => "done",
        (false, true) => "gone before it was done",
        (false, false) => "still there",
    }
    .to_owned()
}
