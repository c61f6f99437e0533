//! The ticket lock and the C library's on real threads; what a fair lock does.
//!
//! That the ticket lock is right in every order is tested in `model/`.

use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::thread;

use fair::ticket::TicketLock;

fn four_threads(turn: impl Fn() + Sync) {
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..2_000).for_each(|_| turn()));
        }
    });
}

#[test]
fn no_turn_is_lost_under_the_ticket_lock() {
    let lock = TicketLock::new(0);
    four_threads(|| lock.with(|n| *n += 1));
    assert_eq!(lock.with(|n| *n), 8_000);
}

#[test]
fn who_came_first_is_served_first() {
    let (lock, served) = (&TicketLock::new(()), &Mutex::new(Vec::new()));
    thread::scope(|scope| {
        lock.with(|()| {
            for i in 0..4 {
                scope.spawn(move || {
                    lock.with(|()| served.lock().unwrap().push(i));
                });
                // We are in line, too.
                while lock.line() < i + 2 {
                    thread::yield_now();
                }
            }
        });
    });
    assert_eq!(*served.lock().unwrap(), [0, 1, 2, 3]);
    assert_eq!(lock.line(), 0);
}

/// tokio's is let go, and is somebody's all the same.
#[test]
fn a_lock_that_is_handed_over_is_never_free_in_between() {
    let lock = tokio::sync::Mutex::new(());
    let held = lock.try_lock().unwrap();
    let mut waits = pin!(lock.lock());
    let mut context = Context::from_waker(Waker::noop());
    assert!(waits.as_mut().poll(&mut context).is_pending());
    drop(held);
    assert!(lock.try_lock().is_err(), "somebody passes");
    assert!(matches!(waits.poll(&mut context), Poll::Ready(_)));
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn no_turn_is_lost_under_locks_of_the_c_library() {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use fair::pthread;

    let number = AtomicU32::new(0);
    // Not one addition: the lock has to make it one.
    let add = || number.store(number.load(Relaxed) + 1, Relaxed);
    for mutex in [pthread::Mutex::plain(), pthread::Mutex::lends()] {
        number.store(0, Relaxed);
        four_threads(|| mutex.with(add));
        assert_eq!(number.load(Relaxed), 8_000);
    }
    let either =
        [pthread::RwLock::readers_first(), pthread::RwLock::writers_first()];
    for lock in either {
        number.store(0, Relaxed);
        four_threads(|| {
            lock.write(add);
            lock.read(|| number.load(Relaxed));
        });
        assert_eq!(number.load(Relaxed), 8_000);
    }
}
