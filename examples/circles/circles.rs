//! Circles in which one of the locks does not look like a lock: a reader's
//! place, room in a channel, a place at a barrier, a thread under a signal.
//!
//! Run:  cargo run --example circles
//! See:  each circle is stuck, and each of its cures gets done. A second read
//!       lock waits for a writer that waits for the first. Two full channels
//!       wait for each other. A barrier waits for a thread that panicked. A
//!       signal's handler waits for its own thread: for a lock, or for the
//!       allocator's.
//!
//! Every way is tried in a child process. One that has used no CPU time for a
//! while, and all of whose threads wait, is stuck, and is killed. Signals are
//! Unix's, and so is `cat`.

use std::io::Read;
use std::process::{ExitCode, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Barrier, RwLock};
use std::thread;
use std::time::Duration;

use circles::fair::Fair;
use circles::party::party;
use circles::watch::{Watched, stuck};
use lab::{Experiment, Kind, Run, rerun_self};

const PATIENCE: Duration = Duration::from_millis(300);
/// Of questions, and so of answers.
const QUESTIONS: usize = 100;
const ROOM: usize = 8;
/// More than a pipe holds, however large the pages are.
#[cfg(unix)]
const BYTES: usize = 4 << 20;

/// Kind of circle, name, label, and what is done.
type Way = (&'static str, &'static str, &'static str, fn());

const WAYS: &[Way] = &[
    ("readers", "std", "std, read twice", std_twice),
    ("readers", "parking_lot", "parking_lot, read twice", parking_lot_twice),
    ("readers", "fair", "ours, read twice", fair_twice),
    ("readers", "recursive", "parking_lot, read_recursive", recursive),
    ("readers", "once", "std, one guard, handed on", once),
    ("channels", "both_full", "ask all, then read", both_full),
    ("channels", "in_flight", "no more asked than fit", in_flight),
    #[cfg(unix)]
    ("channels", "pipes", "cat: write all, then read", unix::pipes),
    #[cfg(unix)]
    ("channels", "pipes_thread", "cat: a thread writes", unix::pipes_thread),
    ("barrier", "panicked", "std, one panics first", panicked),
    ("barrier", "party", "ours, leaving is noticed", left_party),
    #[cfg(unix)]
    ("signal", "locks", "a handler that locks", unix::handler_locks),
    #[cfg(unix)]
    ("signal", "allocates", "a handler that allocates", unix::allocates),
    #[cfg(unix)]
    ("signal", "flag", "a handler that sets a flag", unix::flag),
];

const CIRCLES: [(&str, &str); 4] = [
    ("readers", "two read locks, a writer in between"),
    ("channels", "two channels, both full"),
    ("barrier", "a barrier that one never reaches"),
    ("signal", "a signal in the middle of a turn"),
];

fn main() -> ExitCode {
    let question = "Who waits for whom, and which cure breaks the circle?";
    let mut experiment =
        Experiment::new("circles", question).baseline("none").observed();
    for (circle, label) in CIRCLES {
        experiment = experiment.case(circle, label);
        for (_, way, label, _) in WAYS.iter().filter(|way| way.0 == circle) {
            experiment =
                experiment.variant(Kind::Thread, way, label, move |run| {
                    observe(run, circle, way)
                });
        }
    }
    experiment.child("try", |args| attempt(&args[0], &args[1])).run()
}

fn attempt(circle: &str, way: &str) {
    let known = WAYS.iter().find(|known| (known.0, known.1) == (circle, way));
    known.expect("one of the ways").3();
    println!("ended");
}

fn observe(run: &mut Run, circle: &str, way: &str) -> String {
    run.elsewhere();
    let mut child = rerun_self("try", &[circle.into(), way.into()])
        .expect("our path")
        .stdout(Stdio::piped())
        .stderr(Stdio::null()) // a panic on purpose says so
        .spawn()
        .expect("a child process");
    let mut out = child.stdout.take().expect("stdout is piped");
    let mut left = stuck(vec![child], PATIENCE);
    run.stop_clock();
    run.metric("stuck", left.len() as f64);
    if let Some(child) = left.first_mut() {
        child.end();
        return "stuck".into();
    }
    let mut said = String::new();
    out.read_to_string(&mut said).expect("text");
    said.trim().to_owned()
}

// ANCHOR: readers
/// Holds a first guard, lets a writer ask, and reads once more.
fn between<G>(
    first: G,
    write: impl FnOnce() + Send,
    writer_waits: impl Fn() -> bool,
    read_again: impl FnOnce(),
) {
    thread::scope(|scope| {
        scope.spawn(write);
        while !writer_waits() {
            thread::yield_now();
        }
        read_again(); // waits for the writer, who waits for `first`
        drop(first);
    });
}

fn std_twice() {
    let prices = RwLock::new(7);
    between(
        prices.read(),
        || drop(prices.write()),
        || prices.try_read().is_err(), // the door is shut
        || drop(prices.read()),
    );
}
// ANCHOR_END: readers

fn parking_lot_twice() {
    let prices = parking_lot::RwLock::new(7);
    between(
        prices.read(),
        || drop(prices.write()),
        || prices.try_read().is_none(),
        || drop(prices.read()),
    );
}

fn recursive() {
    let prices = parking_lot::RwLock::new(7);
    between(
        prices.read(),
        || drop(prices.write()),
        || prices.try_read().is_none(),
        || drop(prices.read_recursive()),
    );
}

fn once() {
    let prices = RwLock::new(7);
    let total = |prices: &i32| assert_eq!(*prices, 7);
    thread::scope(|scope| {
        let guard = prices.read().unwrap();
        scope.spawn(|| drop(prices.write()));
        while prices.try_read().is_ok() {
            thread::yield_now();
        }
        total(&guard); // who needs it gets the guard
    });
}

fn fair_twice() {
    let door = Fair::default();
    thread::scope(|scope| {
        door.read(|| {
            scope.spawn(|| door.write(|| ()));
            while !door.writer_waits() {
                thread::yield_now();
            }
            door.read(|| ());
        });
    });
}

// ANCHOR: channels
/// Broken: asks all before it reads an answer.
fn both_full() {
    with_a_cook(|orders, dishes| {
        (0..QUESTIONS).for_each(|n| orders.send(n).unwrap());
        dishes.iter().take(QUESTIONS).for_each(drop);
    });
}

/// Never more on their way than there is room for.
fn in_flight() {
    with_a_cook(|orders, dishes| {
        for n in 0..QUESTIONS {
            if n >= ROOM {
                dishes.recv().unwrap();
            }
            orders.send(n).unwrap();
        }
        dishes.iter().take(ROOM).for_each(drop);
    });
}

fn with_a_cook(guest: impl FnOnce(SyncSender<usize>, Receiver<usize>)) {
    let (orders, from_guest) = sync_channel(ROOM);
    let (to_guest, dishes) = sync_channel(ROOM);
    thread::scope(|scope| {
        scope.spawn(move || {
            from_guest.iter().for_each(|n| to_guest.send(n).unwrap());
        });
        guest(orders, dishes);
    });
}
// ANCHOR_END: channels

// ANCHOR: barrier
fn panicked() {
    let barrier = &Barrier::new(3);
    at_the_table([0, 1, 2], move |n| {
        assert!(n != 2, "on purpose"); // and the others wait for it
        barrier.wait();
    });
}

fn left_party() {
    at_the_table(party(3).into_iter().enumerate(), |(n, place)| {
        assert!(n != 2, "on purpose"); // which drops its place
        place.wait();
    });
}
// ANCHOR_END: barrier

/// A thread for each, and a panic is not passed on.
fn at_the_table<P: Send>(
    places: impl IntoIterator<Item = P>,
    eat: impl Fn(P) + Sync,
) {
    let eat = &eat;
    thread::scope(|scope| {
        let guests: Vec<_> = places
            .into_iter()
            .map(|place| scope.spawn(move || eat(place)))
            .collect();
        for guest in guests {
            let _ = guest.join();
        }
    });
}

#[cfg(unix)]
mod unix {
    use std::hint::black_box;
    use std::io::{Read, Write};
    use std::process::{Child, Command, Stdio};
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    use std::thread;

    use super::BYTES;

    /// Another process, and two channels that hold 64 KiB each.
    fn cat() -> Child {
        Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("cat")
    }

    pub(super) fn pipes() {
        let mut cat = cat();
        let mut to = cat.stdin.take().unwrap();
        to.write_all(&vec![b'.'; BYTES]).unwrap();
        drop(to);
        let out = cat.wait_with_output().unwrap();
        assert_eq!(out.stdout.len(), BYTES);
    }

    pub(super) fn pipes_thread() {
        let mut cat = cat();
        let mut to = cat.stdin.take().unwrap();
        let mut from = cat.stdout.take().unwrap();
        let mut read = Vec::new();
        thread::scope(|scope| {
            scope.spawn(move || to.write_all(&vec![b'.'; BYTES]).unwrap());
            from.read_to_end(&mut read).unwrap();
        });
        cat.wait().unwrap();
        assert_eq!(read.len(), BYTES);
    }

    // ANCHOR: signal
    static LOG: Mutex<Vec<i32>> = Mutex::new(Vec::new());
    static ASKED: AtomicBool = AtomicBool::new(false);

    /// Broken: waits for the thread that it interrupts.
    extern "C" fn locks(signal: i32) {
        LOG.lock().unwrap().push(signal);
    }

    extern "C" fn sets_flag(_signal: i32) {
        ASKED.store(true, Relaxed);
    }

    pub(super) fn handler_locks() {
        handle(locks);
        let _log = LOG.lock().unwrap();
        raise();
    }

    pub(super) fn flag() {
        handle(sets_flag);
        let mut log = LOG.lock().unwrap();
        raise();
        if ASKED.load(Relaxed) {
            log.push(libc::SIGUSR1); // where it is safe
        }
    }
    // ANCHOR_END: signal

    /// Broken: the allocator has a lock, too.
    extern "C" fn allocates_in_handler(_signal: i32) {
        allocate();
    }

    fn allocate() {
        // More than what each thread has for itself, without a lock.
        drop(black_box(Vec::<u8>::with_capacity(black_box(20_000))));
    }

    /// A signal comes where it comes, so there are many.
    pub(super) fn allocates() {
        handle(allocates_in_handler);
        // SAFETY: it asks who we are.
        let us = unsafe { libc::pthread_self() } as usize;
        let enough = &AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(move || {
                for _ in 0..20_000 {
                    // SAFETY: the thread outlives this one.
                    unsafe { libc::pthread_kill(us as _, libc::SIGUSR1) };
                    thread::yield_now();
                }
                enough.store(true, Relaxed);
            });
            while !enough.load(Relaxed) {
                allocate();
            }
        });
    }

    fn handle(handler: extern "C" fn(i32)) {
        // SAFETY: the handler is there as long as the process is. What some of
        // them do is what a handler must not.
        unsafe { libc::signal(libc::SIGUSR1, handler as libc::sighandler_t) };
    }

    fn raise() {
        // SAFETY: it takes a number. The handler has run when it returns.
        unsafe { libc::raise(libc::SIGUSR1) };
    }
}
