//! Solution: a reader waits while a writer does. Those who are inside come to
//! their end, and nobody new prolongs it. A lock that keeps nobody out would
//! let in all the readers that wait when a writer is done, and then the next
//! writer: readers and writers by turns.

use std::sync::{Condvar, Mutex};

/// Who is inside, and how many writers wait.
#[derive(Default)]
pub struct ReadWrite {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    readers: usize,
    writing: bool,
    writers_waiting: usize,
}

impl ReadWrite {
    /// `true`: a reader is inside. `false`: it may not go in now.
    pub fn try_read(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        let free = !state.writing && state.writers_waiting == 0;
        state.readers += usize::from(free);
        free
    }

    /// A reader leaves.
    pub fn read_done(&self) {
        self.state.lock().unwrap().readers -= 1;
        self.changed.notify_all();
    }

    /// Waits until nobody is inside, and goes in.
    pub fn write(&self) {
        let mut state = self.state.lock().unwrap();
        state.writers_waiting += 1;
        while state.writing || state.readers > 0 {
            state = self.changed.wait(state).unwrap();
        }
        state.writers_waiting -= 1;
        state.writing = true;
    }

    /// The writer leaves.
    pub fn write_done(&self) {
        self.state.lock().unwrap().writing = false;
        self.changed.notify_all();
    }

    /// How many writers wait at this moment.
    pub fn writers_waiting(&self) -> usize {
        self.state.lock().unwrap().writers_waiting
    }
}
