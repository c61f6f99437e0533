//! The global lock: held by one thread, asked for by others, given away at the
//! next opportunity. The protocol is that of CPython's since version 3.2.
//!
//! It is a truth value under a mutex. The mutex is held for an instant only;
//! whoever cannot have the lock sleeps on a condition variable.

use std::time::Duration;

use crate::sync::{AtomicBool, Condvar, Mutex, Ordering};

/// A lock for a whole interpreter.
pub struct GlobalLock {
    state: Mutex<State>,
    /// Signaled when the lock is let go.
    freed: Condvar,
    /// Signaled when the lock is taken.
    taken: Condvar,
    /// Whether the holder is asked to give way.
    asked: AtomicBool,
    interval: Duration,
}

struct State {
    held: bool,
    /// How often the lock was taken so far.
    turn: u64,
}

/// Proof that this thread holds the lock, until it is dropped.
pub struct Held<'l> {
    lock: &'l GlobalLock,
}

impl GlobalLock {
    /// A free lock. A thread that wants it while another holds it waits for
    /// the switch interval before it asks.
    pub fn new(interval: Duration) -> GlobalLock {
        GlobalLock {
            state: Mutex::new(State { held: false, turn: 0 }),
            freed: Condvar::new(),
            taken: Condvar::new(),
            asked: AtomicBool::new(false),
            interval,
        }
    }

    /// Waits until the lock is ours.
    pub fn hold(&self) -> Held<'_> {
        self.take();
        Held { lock: self }
    }

    // ANCHOR: take
    fn take(&self) {
        let mut state = self.state.lock().unwrap();
        while state.held {
            let turn = state.turn;
            let (woken, timeout) =
                self.freed.wait_timeout(state, self.interval).unwrap();
            state = woken;
            // A whole interval, and all of it one holder's: ask.
            if timeout.timed_out() && state.held && state.turn == turn {
                self.asked.store(true, Ordering::Relaxed);
            }
        }
        state.held = true;
        state.turn += 1;
        self.asked.store(false, Ordering::Relaxed);
        self.taken.notify_all();
    }

    fn let_go(&self) {
        self.state.lock().unwrap().held = false;
        self.freed.notify_one();
    }
    // ANCHOR_END: take
}

impl<'l> Held<'l> {
    /// Whether somebody has asked for the lock: a glance, no system call.
    pub fn is_asked(&self) -> bool {
        self.lock.asked.load(Ordering::Relaxed)
    }

    // ANCHOR: give_way
    /// If asked, lets another thread have a turn and waits for the next one.
    pub fn give_way(&mut self) {
        if !self.is_asked() {
            return;
        }
        let lock = self.lock;
        let mut state = lock.state.lock().unwrap();
        let ours = state.turn;
        state.held = false;
        lock.freed.notify_one();
        // Whoever asked is still asleep. Without this loop we would be back
        // before it has opened its eyes.
        while state.turn == ours {
            state = lock.taken.wait(state).unwrap();
        }
        drop(state);
        lock.take();
    }
    // ANCHOR_END: give_way

    /// Lets the lock go while something waits.
    pub fn without<T>(&mut self, wait: impl FnOnce() -> T) -> T {
        self.lock.let_go();
        // Taken again even if `wait` panics: whoever catches that panic has
        // objects to clear away.
        let _back = Back(self.lock);
        wait()
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.lock.let_go();
    }
}

/// Takes the lock when it is dropped.
struct Back<'l>(&'l GlobalLock);

impl Drop for Back<'_> {
    fn drop(&mut self) {
        self.0.take();
    }
}
