//! `select!` drops the future that did not come first. What does that future
//! take with it?
//!
//! Run:  cargo run --example cancel_safe
//! See:  `read_exact` takes bytes that it had read, and frames are made of the
//!       halves of two. A future that had received a message takes the message,
//!       one that was sending takes what it would have sent, one that queued
//!       for a lock its place. `read` and `recv` take nothing, and a future
//!       that is kept is not dropped.
//!
//! Beside each receiver stands a ticker, which comes first now and then.

use std::cell::Cell;
use std::pin::pin;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use cancelling::frames::{self, FRAME, Seen};
use cancelling::one_thread;
use lab::{Experiment, Kind, Run};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::{Mutex, mpsc};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{Interval, interval, sleep, timeout};
use tokio::{join, select};

/// Between two ticks: no multiple of what the others take.
const TICK: Duration = Duration::from_millis(5);
const MESSAGES: u64 = 100;
/// A message comes, or is taken, this often.
const WORK: Duration = Duration::from_millis(1);
/// The lock is held for so long, and given up this often.
const HOLD: Duration = Duration::from_millis(2);
const PATIENCE: Duration = Duration::from_millis(1);
/// So long do the three want it.
const WINDOW: Duration = Duration::from_millis(150);

fn main() -> ExitCode {
    let question = "What does a dropped future take with it?";
    Experiment::new("cancel_safe", question)
        .baseline("undisturbed")
        .observed()
        .case("socket", "frames through a socket")
        .variant(Kind::Task, "undisturbed", "read_exact alone", |run| {
            socket(run, undisturbed)
        })
        .variant(Kind::Task, "read_exact", "read_exact in select!", |run| {
            socket(run, read_exact)
        })
        .variant(Kind::Task, "read", "read, into our own buffer", |run| {
            socket(run, read)
        })
        .variant(Kind::Task, "kept", "read_exact, kept", |run| {
            socket(run, kept)
        })
        .variant(Kind::Task, "task", "read_exact in a task of its own", |run| {
            socket(run, in_a_task)
        })
        .case("channel", "messages through a channel")
        .variant(Kind::Task, "recv", "recv in select!", |run| {
            channel(run, send_all, recv)
        })
        .variant(
            Kind::Task,
            "recv_then",
            "recv and a step, in select!",
            |run| channel(run, send_all, recv_then),
        )
        .variant(Kind::Task, "send", "send in select!", |run| {
            channel(run, send, take_slowly)
        })
        .variant(
            Kind::Task,
            "reserve",
            "reserve in select!, then send",
            |run| channel(run, reserve, take_slowly),
        )
        .case("lock", "a lock that two others want")
        .variant(Kind::Task, "dropped", "lock, dropped each ms", |run| {
            lock(run, impatient)
        })
        .variant(Kind::Task, "kept", "lock, kept", |run| lock(run, patient))
        .run()
}

async fn undisturbed(mut from: TcpStream) -> Seen {
    let mut seen = Seen::default();
    let mut frame = [0; FRAME];
    while from.read_exact(&mut frame).await.is_ok() {
        seen.frame(&frame);
    }
    seen
}

// ANCHOR: read_exact
async fn read_exact(mut from: TcpStream) -> Seen {
    let (mut seen, mut ticks) = (Seen::default(), ticker());
    loop {
        let mut frame = [0; FRAME];
        select! {
            done = from.read_exact(&mut frame) => match done {
                Ok(_) => seen.frame(&frame),
                Err(_) => return seen, // no more
            },
            // What was read of this frame goes with `frame`.
            _ = ticks.tick() => seen.interrupted += 1,
        }
    }
}
// ANCHOR_END: read_exact

// ANCHOR: read
async fn read(mut from: TcpStream) -> Seen {
    let (mut seen, mut ticks) = (Seen::default(), ticker());
    let (mut frame, mut have) = ([0; FRAME], 0);
    loop {
        select! {
            // Either it has read, and is done, or it has not read.
            got = from.read(&mut frame[have..]) => match got {
                Ok(0) | Err(_) => return seen,
                Ok(more) => have += more,
            },
            _ = ticks.tick() => seen.interrupted += 1,
        }
        if have == FRAME {
            seen.frame(&frame);
            have = 0;
        }
    }
}
// ANCHOR_END: read

// ANCHOR: kept
async fn kept(mut from: TcpStream) -> Seen {
    let (mut seen, mut ticks) = (Seen::default(), ticker());
    loop {
        let mut frame = [0; FRAME];
        let done = {
            let mut whole = pin!(from.read_exact(&mut frame));
            loop {
                select! {
                    done = &mut whole => break done, // only a reference goes
                    _ = ticks.tick() => seen.interrupted += 1,
                }
            }
        };
        match done {
            Ok(_) => seen.frame(&frame),
            Err(_) => return seen,
        }
    }
}
// ANCHOR_END: kept

async fn in_a_task(mut from: TcpStream) -> Seen {
    let (mut seen, mut ticks) = (Seen::default(), ticker());
    let (to, mut frames) = mpsc::channel(1);
    spawn_local(async move {
        let mut frame = [0; FRAME];
        while from.read_exact(&mut frame).await.is_ok() {
            to.send(frame).await.expect("the other end is there");
        }
    });
    loop {
        select! {
            frame = frames.recv() => match frame {
                Some(frame) => seen.frame(&frame),
                None => return seen,
            },
            _ = ticks.tick() => seen.interrupted += 1,
        }
    }
}

async fn send_all(to: mpsc::Sender<u64>) -> u64 {
    for n in 0..MESSAGES {
        sleep(WORK).await;
        to.send(n).await.expect("the receiver takes them all");
    }
    0
}

async fn recv(mut from: mpsc::Receiver<u64>) -> (u64, u64) {
    let (mut came, mut interrupted, mut ticks) = (0, 0, ticker());
    loop {
        select! {
            message = from.recv() => match message {
                Some(_) => {
                    sleep(WORK / 4).await; // out of reach of `select!`
                    came += 1;
                }
                None => return (came, interrupted),
            },
            _ = ticks.tick() => interrupted += 1,
        }
    }
}

// ANCHOR: recv_then
async fn recv_then(mut from: mpsc::Receiver<u64>) -> (u64, u64) {
    let (mut came, mut interrupted, mut ticks) = (0, 0, ticker());
    loop {
        let one = async {
            let message = from.recv().await;
            sleep(WORK / 4).await; // dropped here, it has the message
            message
        };
        select! {
            message = one => match message {
                Some(_) => came += 1,
                None => return (came, interrupted),
            },
            _ = ticks.tick() => interrupted += 1,
        }
    }
}
// ANCHOR_END: recv_then

/// Returns how often something else came first.
async fn send(to: mpsc::Sender<u64>) -> u64 {
    let (mut interrupted, mut ticks) = (0, ticker());
    for n in 0..MESSAGES {
        select! {
            sent = to.send(n) => sent.expect("the receiver takes them all"),
            _ = ticks.tick() => interrupted += 1, // `n` is gone
        }
    }
    interrupted
}

// ANCHOR: reserve
async fn reserve(to: mpsc::Sender<u64>) -> u64 {
    let (mut interrupted, mut ticks) = (0, ticker());
    for n in 0..MESSAGES {
        let place = loop {
            select! {
                place = to.reserve() => break place,
                _ = ticks.tick() => interrupted += 1, // no message is in it
            }
        };
        place.expect("the receiver takes them all").send(n);
    }
    interrupted
}
// ANCHOR_END: reserve

async fn take_slowly(mut from: mpsc::Receiver<u64>) -> (u64, u64) {
    let mut came = 0;
    while from.recv().await.is_some() {
        came += 1;
        sleep(WORK).await;
    }
    (came, 0)
}

// ANCHOR: lock
async fn impatient(lock: Rc<Mutex<()>>, turns: Rc<Cell<u64>>) {
    loop {
        // A new place each time, at the end of the queue.
        if let Ok(_held) = timeout(PATIENCE, lock.lock()).await {
            turns.set(turns.get() + 1);
            sleep(HOLD).await;
        }
    }
}

async fn patient(lock: Rc<Mutex<()>>, turns: Rc<Cell<u64>>) {
    loop {
        let mut place = pin!(lock.lock());
        let _held = loop {
            if let Ok(held) = timeout(PATIENCE, &mut place).await {
                break held;
            }
        };
        turns.set(turns.get() + 1);
        sleep(HOLD).await;
    }
}
// ANCHOR_END: lock

fn ticker() -> Interval {
    interval(TICK)
}

fn socket<F>(run: &mut Run, receive: impl Fn(TcpStream) -> F) -> String
where
    F: Future<Output = Seen> + 'static,
{
    let (from, sender) = frames::sent();
    from.set_nonblocking(true).expect("a socket can be polled");
    let seen = on_one_thread(async {
        receive(TcpStream::from_std(from).expect("within a runtime")).await
    });
    sender.join().expect("the sender is done");
    run.metric("interrupted", seen.interrupted as f64);
    run.metric("mixed", seen.mixed as f64);
    run.metric("lost_bytes", seen.lost_bytes() as f64);
    if seen.interrupted > 0 {
        let each = seen.lost_bytes() as f64 / seen.interrupted as f64;
        run.metric("lost_each_bytes", each);
    }
    format!("{} whole, {} mixed", seen.whole, seen.mixed)
}

/// Both ends of a channel that holds one message; each returns how often it
/// was interrupted, and the receiver what came.
fn channel<S, R>(
    run: &mut Run,
    send: impl Fn(mpsc::Sender<u64>) -> S,
    receive: impl Fn(mpsc::Receiver<u64>) -> R,
) -> String
where
    S: Future<Output = u64> + 'static,
    R: Future<Output = (u64, u64)> + 'static,
{
    let (to, from) = mpsc::channel(1);
    let (sends, receives) = (send(to), receive(from));
    let (sending, (came, receiving)) =
        on_one_thread(async { join!(sends, receives) });
    run.metric("interrupted", (sending + receiving) as f64);
    run.metric("lost", (MESSAGES - came) as f64);
    format!("{came} of {MESSAGES}")
}

/// Two tasks hold the lock by turns, and a third wants it, too.
fn lock<F>(
    run: &mut Run,
    third: impl Fn(Rc<Mutex<()>>, Rc<Cell<u64>>) -> F,
) -> String
where
    F: Future<Output = ()> + 'static,
{
    let turns: [Rc<Cell<u64>>; 3] = Default::default();
    let counted = turns.clone();
    on_one_thread(async {
        let lock = Rc::new(Mutex::new(()));
        let [a, b, c] = turns;
        let all = async {
            join!(
                patient(Rc::clone(&lock), a),
                patient(Rc::clone(&lock), b),
                third(Rc::clone(&lock), c),
            )
        };
        // None of the three ends by itself.
        let _ = timeout(WINDOW, all).await;
    });
    let [a, b, c] = counted.map(|turns| turns.get());
    run.metric("turns", c as f64);
    run.metric("turns_share", c as f64 / (a + b + c) as f64);
    format!("{c} of {}", a + b + c)
}

fn on_one_thread<T>(work: impl Future<Output = T>) -> T {
    one_thread().block_on(LocalSet::new().run_until(work))
}
