//! Exercise 2: `give_way` lets the lock go and takes it again. Whoever waits
//! for it never gets it. Why, and what is missing?

use std::sync::{Condvar, Mutex};

/// A lock whose holder can let another have a turn.
#[derive(Default)]
pub struct Turnstile {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    held: bool,
    waiting: usize,
    /// How often the lock was taken.
    turn: u64,
}

impl Turnstile {
    /// How many wait for the lock.
    pub fn waiting(&self) -> usize {
        self.state.lock().unwrap().waiting
    }

    /// Waits until the lock is free, and takes it.
    pub fn take(&self) {
        let mut state = self.state.lock().unwrap();
        state.waiting += 1;
        while state.held {
            state = self.changed.wait(state).unwrap();
        }
        state.waiting -= 1;
        state.held = true;
        state.turn += 1;
        self.changed.notify_all();
    }

    /// Lets it go.
    pub fn let_go(&self) {
        self.state.lock().unwrap().held = false;
        self.changed.notify_all();
    }

    /// If somebody waits for the lock, lets them have a turn. Returns with the
    /// lock taken again.
    pub fn give_way(&self) {
        self.let_go();
        self.take();
    }
}
