//! How large is a suspended task?
//!
//! Run:  cargo run --example coop_size
//! See:  an async function takes some dozens of bytes, the state machine that
//!       is written by hand fewer, and the function's body in an async block,
//!       which has no arguments to keep twice, lies between. A kilobyte that
//!       is in use before an await and after it is kept in the task; one that
//!       is gone by then is not.

use std::process::ExitCode;

use cooperative::lowered::{Log, across, before, lunch, lunch_by_hand};
use cooperative::one_thread;
use cooperative::stackless::yield_now;
use lab::{Experiment, Kind, Run};

fn main() -> ExitCode {
    let log = Log::default;
    Experiment::new("coop_size", "How large is a suspended task?")
        .baseline("lunch")
        .case("lunch", "three numbers and a reference")
        .variant(Kind::Task, "function", "async fn", move |run| {
            finish(run, lunch(4, &log()))
        })
        .variant(Kind::Task, "block", "async block", move |run| {
            finish(run, lunch_in_a_block(4, &log()))
        })
        .variant(Kind::Task, "by_hand", "by hand", move |run| {
            finish(run, lunch_by_hand(4, &log()))
        })
        .case("dough", "a kilobyte")
        .variant(Kind::Task, "across", "needed after the await", |run| {
            finish(run, across(2))
        })
        .variant(Kind::Task, "before", "gone before the await", |run| {
            finish(run, before(2))
        })
        .run()
}

/// The body of [`lunch`], which uses what the block has captured in its place.
#[expect(clippy::manual_async_fn, reason = "the two differ in size")]
fn lunch_in_a_block(guests: u64, log: &Log) -> impl Future<Output = u64> {
    async move {
        let soup = 3 * guests;
        log.borrow_mut().push("soup");
        yield_now().await;
        let both = soup + 9 * guests;
        log.borrow_mut().push("main dish");
        yield_now().await;
        log.borrow_mut().push("bill");
        both + 1
    }
}

fn finish(run: &mut Run, task: impl Future<Output = u64>) -> u64 {
    run.metric("kept_bytes", size_of_val(&task) as f64);
    one_thread().block_on(task)
}
