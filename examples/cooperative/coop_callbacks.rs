//! One job of three steps, any of which may fail: written with callbacks and
//! with await. Twenty such jobs at once.
//!
//! Run:  cargo run --example coop_callbacks
//! See:  the same answers and errors, some fifteen times faster than one job
//!       after another. On the same timers `await` takes as long as callbacks;
//!       tokio's have steps of a millisecond. Forgetting a callback in one
//!       branch loses four of the answers, and nobody is told.

use std::cell::RefCell;
use std::pin::Pin;
use std::process::ExitCode;
use std::rc::Rc;
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use cooperative::callbacks::Timers;
use cooperative::job::{Answer, in_words, order, price, user};
use cooperative::one_thread_with_time;
use cooperative::stackless::yield_now;
use lab::{Experiment, Kind, Run};

const JOBS: u64 = 20;
const STEP: Duration = Duration::from_millis(5);

type Done = Box<dyn FnOnce(Answer)>;

fn main() -> ExitCode {
    Experiment::new("coop_callbacks", "Does await replace callbacks?")
        .baseline("one_by_one")
        .variant(Kind::Alone, "one_by_one", "one by one", one_by_one)
        .variant(Kind::Task, "callbacks", "callbacks", |run| {
            called_back(run, by_callbacks)
        })
        .variant(Kind::Task, "await_here", "await, same timers", awaited_here)
        .variant(Kind::Task, "await", "await, tokio's timers", awaited)
        .observed()
        .variant(Kind::Task, "forgotten", "one is forgotten", |run| {
            called_back(run, forgotten)
        })
        .run()
}

fn one_by_one(run: &mut Run) -> String {
    let job = |n| {
        thread::sleep(STEP);
        let user = user(n)?;
        thread::sleep(STEP);
        let order = order(user)?;
        thread::sleep(STEP);
        Ok(price(order))
    };
    keep(run, (0..JOBS).map(job).collect())
}

// ANCHOR: callbacks
fn by_callbacks(timers: &Rc<Timers>, job: u64, done: Done) {
    let then = Rc::clone(timers);
    timers.call_later(STEP, move || match user(job) {
        Err(why) => done(Err(why)),
        Ok(user) => {
            let last = Rc::clone(&then);
            then.call_later(STEP, move || match order(user) {
                Err(why) => done(Err(why)),
                Ok(order) => last.call_later(STEP, move || {
                    done(Ok(price(order)));
                }),
            });
        }
    });
}
// ANCHOR_END: callbacks

// ANCHOR: await
async fn by_await(job: u64) -> Answer {
    tokio::time::sleep(STEP).await;
    let user = user(job)?;
    tokio::time::sleep(STEP).await;
    let order = order(user)?;
    tokio::time::sleep(STEP).await;
    Ok(price(order))
}
// ANCHOR_END: await

// ANCHOR: forgotten
/// WRONG: one of the branches calls nobody.
fn forgotten(timers: &Rc<Timers>, job: u64, done: Done) {
    let then = Rc::clone(timers);
    timers.call_later(STEP, move || {
        let Ok(user) = user(job) else { return }; // and `done` is dropped
        let last = Rc::clone(&then);
        then.call_later(STEP, move || match order(user) {
            Err(why) => done(Err(why)),
            Ok(order) => last.call_later(STEP, move || {
                done(Ok(price(order)));
            }),
        });
    });
}
// ANCHOR_END: forgotten

fn called_back(run: &mut Run, start: fn(&Rc<Timers>, u64, Done)) -> String {
    let timers = Rc::new(Timers::default());
    let answers = Rc::new(RefCell::new(Vec::new()));
    for job in 0..JOBS {
        let answers = Rc::clone(&answers);
        let done = move |answer| answers.borrow_mut().push(answer);
        start(&timers, job, Box::new(done));
    }
    timers.run();
    keep(run, answers.take())
}

/// The same timers as for callbacks: what they call is the task, which goes on.
fn awaited_here(run: &mut Run) -> String {
    let timers = Rc::new(Timers::default());
    let answers = Rc::new(RefCell::new(Vec::new()));
    for job in 0..JOBS {
        let answers = Rc::clone(&answers);
        let task = async move {
            let answer = on_called_tasks(job).await;
            answers.borrow_mut().push(answer);
        };
        go_on(&timers, Box::pin(task));
    }
    timers.run();
    keep(run, answers.take())
}

async fn on_called_tasks(job: u64) -> Answer {
    yield_now().await; // until the step is over: see `go_on`
    let user = user(job)?;
    yield_now().await;
    let order = order(user)?;
    yield_now().await;
    Ok(price(order))
}

/// Polls a task; if it waits, it will be polled again after a step.
fn go_on(timers: &Rc<Timers>, mut task: Pin<Box<dyn Future<Output = ()>>>) {
    let mut context = Context::from_waker(Waker::noop());
    if task.as_mut().poll(&mut context).is_pending() {
        let again = Rc::clone(timers);
        timers.call_later(STEP, move || go_on(&again, task));
    }
}

fn awaited(run: &mut Run) -> String {
    let runtime = one_thread_with_time();
    let answers = runtime.block_on(async {
        let all: Vec<_> =
            (0..JOBS).map(|job| tokio::spawn(by_await(job))).collect();
        let mut answers = Vec::new();
        for task in all {
            answers.push(task.await.expect("no task panics"));
        }
        answers
    });
    keep(run, answers)
}

fn keep(run: &mut Run, answers: Vec<Answer>) -> String {
    run.stop_clock();
    run.metric("answered", answers.len() as f64);
    in_words(&answers)
}
