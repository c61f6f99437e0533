//! What a task keeps across an await: in a local of the thread, and in one of
//! its own.
//!
//! Run:  cargo run --example loop_locals
//! See:  a hundred tasks note their number, give way, and read it again. In a
//!       `thread_local!` they read another task's, with one thread and with
//!       two; with two, some go on on another thread than they began on. In
//!       tokio's `task_local!` each reads its own. A task that is spawned, or a
//!       call that is sent to a thread, has none.

use std::cell::Cell;
use std::process::ExitCode;
use std::thread;

use event_loop::library::{one_thread, several_threads};
use lab::{Experiment, Kind, Run};
use tokio::runtime::Runtime;
use tokio::task::{JoinSet, spawn_blocking, yield_now};

const TASKS: u32 = 100;

fn main() -> ExitCode {
    Experiment::new("loop_locals", "What does a task keep across an await?")
        .baseline("task_local")
        .observed()
        .case("kept", "noted, and read again after an await")
        .variant(Kind::Task, "task_local", "task_local!, two threads", |run| {
            of_the_task(run, several_threads(2))
        })
        .variant(Kind::Task, "thread_1", "thread_local!, one thread", |run| {
            of_the_thread(run, one_thread())
        })
        .variant(Kind::Task, "thread_2", "thread_local!, two threads", |run| {
            of_the_thread(run, several_threads(2))
        })
        .case("handed_on", "what has been started in between, sees")
        .variant(Kind::Task, "task_local", "called", |run| {
            handed_on(run, async || mine().is_some())
        })
        .variant(Kind::Task, "spawn", "tokio::spawn", |run| {
            handed_on(run, async || {
                tokio::spawn(async { mine().is_some() })
                    .await
                    .expect("no panic")
            })
        })
        .variant(Kind::Task, "spawn_blocking", "spawn_blocking", |run| {
            handed_on(run, async || {
                spawn_blocking(|| mine().is_some()).await.expect("no panic")
            })
        })
        .run()
}

// ANCHOR: locals
thread_local! {
    static THREADS: Cell<u32> = const { Cell::new(0) };
}

tokio::task_local! {
    static TASKS_OWN: u32;
}

async fn by_thread_local(n: u32) -> bool {
    THREADS.set(n);
    yield_now().await; // another task's turn, which sets its own
    THREADS.get() == n
}

async fn by_task_local(n: u32) -> bool {
    let work = async {
        yield_now().await;
        TASKS_OWN.get() == n
    };
    TASKS_OWN.scope(n, work).await
}
// ANCHOR_END: locals

fn of_the_thread(run: &mut Run, runtime: Runtime) -> String {
    each(run, runtime, by_thread_local)
}

fn of_the_task(run: &mut Run, runtime: Runtime) -> String {
    each(run, runtime, by_task_local)
}

fn each<F>(run: &mut Run, runtime: Runtime, work: fn(u32) -> F) -> String
where
    F: Future<Output = bool> + Send + 'static,
{
    let (mut own, mut moved) = (0, 0);
    runtime.block_on(async {
        let mut all = JoinSet::new();
        for n in 1..=TASKS {
            all.spawn(async move {
                let began_on = thread::current().id();
                let is_own = work(n).await;
                (is_own, thread::current().id() != began_on)
            });
        }
        while let Some(one) = all.join_next().await {
            let (is_own, has_moved) = one.expect("no task panics");
            own += u32::from(is_own);
            moved += u32::from(has_moved);
        }
    });
    run.metric("own", f64::from(own));
    run.metric("moved", f64::from(moved));
    format!("{own} of {TASKS} read their own")
}

/// What this flow has as the task's own.
fn mine() -> Option<u32> {
    TASKS_OWN.try_with(|n| *n).ok()
}

fn handed_on(run: &mut Run, asks: impl AsyncFnOnce() -> bool) -> String {
    let seen = one_thread().block_on(TASKS_OWN.scope(7, asks()));
    run.metric("seen", f64::from(u8::from(seen)));
    if seen { "the caller's" } else { "nothing" }.into()
}
