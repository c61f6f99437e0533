//! How large is a suspended task?
//!
//! Run:  cargo run --example coop_size
//! See:  an async function and the state machine written by hand are about as
//!       large as each other, some dozens of bytes. A kilobyte that is in use
//!       before an await and after it is kept in the task; one that is gone by
//!       then is not.

use std::process::ExitCode;

use cooperative::lowered::{Log, across, before, lunch, lunch_by_hand};
use cooperative::one_thread;
use lab::{Experiment, Kind, Run};

fn main() -> ExitCode {
    let log = Log::default;
    Experiment::new("coop_size", "How large is a suspended task?")
        .baseline("lunch")
        .case("lunch", "three numbers and a reference")
        .variant(Kind::Task, "function", "async fn", move |run| {
            finish(run, lunch(4, &log()))
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

fn finish(run: &mut Run, task: impl Future<Output = u64>) -> u64 {
    run.metric("kept_bytes", size_of_val(&task) as f64);
    one_thread().block_on(task)
}
