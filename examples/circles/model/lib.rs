//! Who waits for whom, in every order that loom models: `src/fair.rs`,
//! `src/party.rs`, `src/slots.rs` and `src/attached.rs` themselves, compiled
//! once more with loom's locks in place of the standard library's.
//!
//! ```text
//! cargo test -p circles_model
//! ```
//!
//! A circle shows as a deadlock: all wait, and nobody is left to go on.

// The parts are public in their own crate, and not all of each is used.
#![allow(unreachable_pub, dead_code)]

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use loom::thread;

#[path = "../src/attached.rs"]
mod attached;
#[path = "../src/fair.rs"]
mod fair;
#[path = "../src/party.rs"]
mod party;
#[path = "../broken/party_quiet.rs"]
mod party_quiet;
#[path = "../src/slots.rs"]
mod slots;
mod sync {
    pub(crate) use loom::sync::{Arc, Condvar, Mutex, MutexGuard};
}

use attached::Interpreter;
use fair::Fair;
use slots::Slots;
use sync::Mutex;

/// A reader does something inside, and a writer comes when it likes.
fn beside_a_writer(read: impl Fn(&Fair)) {
    let door = Arc::new(Fair::default());
    let inside = Arc::new(AtomicUsize::new(0));
    let writer = {
        let (door, inside) = (Arc::clone(&door), Arc::clone(&inside));
        thread::spawn(move || {
            door.write(|| assert_eq!(inside.load(Relaxed), 0, "not alone"));
        })
    };
    door.read(|| {
        inside.fetch_add(1, Relaxed);
        read(&door);
        inside.fetch_sub(1, Relaxed);
    });
    writer.join().unwrap();
}

/// Reads, and a writer is never inside at the same time.
///
/// # Panics
/// When in some order it is, or somebody waits forever.
pub fn reads_once() {
    loom::model(|| beside_a_writer(|_| ()));
}

/// WRONG: reads, and reads once more inside.
///
/// # Panics
/// When loom finds the order in which the writer asks in between.
pub fn reads_twice() {
    loom::model(|| beside_a_writer(|door| door.read(|| ())));
}

/// Reads, and reads once more by the door that does not mind writers.
///
/// # Panics
/// When in some order somebody waits forever.
pub fn reads_recursively() {
    loom::model(|| beside_a_writer(|door| door.read_recursive(|| ())));
}

/// Asks more than fit, with so many under way at most.
fn asks(questions: usize, under_way: usize) {
    let orders = Arc::new(Slots::new(1));
    let dishes = Arc::new(Slots::new(1));
    let cook = {
        let (orders, dishes) = (Arc::clone(&orders), Arc::clone(&dishes));
        thread::spawn(move || {
            (0..questions).for_each(|_| dishes.put(orders.take()));
        })
    };
    for n in 0..questions {
        if n >= under_way {
            dishes.take();
        }
        orders.put(n);
    }
    for _ in 0..under_way {
        dishes.take();
    }
    cook.join().unwrap();
}

/// WRONG: asks all before it takes an answer; there is room for three under
/// way: one in each channel, and one with the cook.
///
/// # Panics
/// When loom finds both channels full.
pub fn both_full() {
    loom::model(|| asks(4, 4));
}

/// One under way.
///
/// # Panics
/// When in some order somebody waits forever.
pub fn in_flight() {
    loom::model(|| asks(2, 1));
}

/// One of two leaves before it comes.
macro_rules! leaves {
    ($party:ident) => {
        loom::model(|| {
            let [stays, leaves] = $party::party(2).try_into().ok().unwrap();
            let other = thread::spawn(move || drop(leaves));
            stays.wait();
            other.join().unwrap();
        })
    };
}

/// Whoever leaves our party lets the others go on.
///
/// # Panics
/// When in some order somebody waits forever.
pub fn leaves_the_party() {
    leaves!(party);
}

/// WRONG: whoever leaves does not look whether the others waited for it alone.
///
/// # Panics
/// When loom finds the order in which they did.
pub fn leaves_quietly() {
    leaves!(party_quiet);
}

/// All meet, twice.
///
/// # Panics
/// When in some order one is ahead of the other, or somebody waits forever.
pub fn meets_twice() {
    loom::model(|| {
        let came = Arc::new(AtomicUsize::new(0));
        let [one, other] = party::party(2).try_into().ok().unwrap();
        let meets = |place: party::Place, came: Arc<AtomicUsize>| {
            for meeting in 1..=2 {
                came.fetch_add(1, Relaxed);
                place.wait();
                assert!(came.load(Relaxed) >= 2 * meeting, "too early");
            }
        };
        let ours = Arc::clone(&came);
        let other = thread::spawn(move || meets(other, came));
        meets(one, ours);
        other.join().unwrap();
    });
}

/// One thread has a lock of its own and attaches under it. Another is attached
/// and wants the lock.
fn extension(detaches: bool) {
    loom::model(move || {
        let interpreter = Arc::new(Interpreter::default());
        let lock = Arc::new(Mutex::new(0));
        let (interpreter2, lock2) =
            (Arc::clone(&interpreter), Arc::clone(&lock));
        let calls_back = thread::spawn(move || {
            let mut value = lock2.lock().unwrap();
            interpreter2.attach(|_| *value += 1);
        });
        interpreter.attach(|python| {
            let add = || *lock.lock().unwrap() += 1;
            if detaches { python.detach(add) } else { add() }
        });
        calls_back.join().unwrap();
        assert_eq!(*lock.lock().unwrap(), 2);
    });
}

/// WRONG: waits for the lock while it is attached.
///
/// # Panics
/// When loom finds the circle.
pub fn waits_attached() {
    extension(false);
}

/// Detaches to wait for it.
///
/// # Panics
/// When in some order somebody waits forever.
pub fn waits_detached() {
    extension(true);
}
