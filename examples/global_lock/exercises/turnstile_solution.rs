//! Exercise 2, solved. To wake a thread takes much longer than to take a free
//! lock, so whoever lets it go is first to have it back. It must wait until the
//! turn has passed to another.

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
        let mut state = self.state.lock().unwrap();
        if state.waiting == 0 {
            return;
        }
        let ours = state.turn;
        state.held = false;
        self.changed.notify_all();
        while state.turn == ours {
            state = self.changed.wait(state).unwrap();
        }
        drop(state);
        self.take();
    }
}
