//! A loop sleeps, and a thread has something for it. When does the loop see it?
//!
//! Run:  cargo run --example loop_bell
//! See:  column `late`: what a thread sends through a channel is seen at once,
//!       by tokio's loop and by ours. The channel keeps the waker of the task
//!       that waits, and a waker may be called from any thread: it rings. In
//!       Python a queue of asyncio's does not, and the loop sleeps on.

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use event_loop::EventLoop;
use event_loop::library::one_thread;
use lab::{Experiment, Kind, Run};
use tokio::sync::mpsc::{
    UnboundedReceiver, UnboundedSender, unbounded_channel,
};
use tokio::time::sleep;

const ITEMS: u32 = 3;
/// By then the loop sleeps.
const ASLEEP: Duration = Duration::from_millis(10);

fn main() -> ExitCode {
    let question =
        "A thread has something for a sleeping loop: how late is it?";
    Experiment::new("loop_bell", question)
        .baseline("task")
        .variant(Kind::Task, "task", "a task sends", |run| {
            one_thread().block_on(receive(run, |to| {
                tokio::spawn(async move {
                    sleep(ASLEEP).await;
                    send(&to);
                });
            }))
        })
        .variant(Kind::Task, "thread", "a thread sends", |run| {
            one_thread().block_on(receive(run, from_a_thread))
        })
        .variant(Kind::Task, "own", "the same, our own loop", |run| {
            let event_loop = EventLoop::new().expect("the kernel has a poller");
            event_loop.run(receive(run, from_a_thread))
        })
        .run()
}

// ANCHOR: send
fn from_a_thread(to: UnboundedSender<Instant>) {
    thread::spawn(move || {
        thread::sleep(ASLEEP);
        send(&to);
    });
}

fn send(to: &UnboundedSender<Instant>) {
    // The channel calls the waker that the receiver left with it.
    to.send(Instant::now()).expect("somebody receives");
}
// ANCHOR_END: send

async fn receive(
    run: &mut Run,
    start_sender: impl Fn(UnboundedSender<Instant>),
) -> String {
    let mut late: Vec<f64> = Vec::new();
    for _ in 0..ITEMS {
        let (to, mut from): (_, UnboundedReceiver<Instant>) =
            unbounded_channel();
        start_sender(to);
        let sent = from.recv().await.expect("an item");
        late.push(sent.elapsed().as_secs_f64() * 1e6);
    }
    late.sort_by(f64::total_cmp);
    run.metric("late_us", late[late.len() / 2]);
    format!("{ITEMS} items")
}
