//! A lock for many readers or one writer: who may be inside, and not what is.

use crate::sync::{Condvar, Mutex, MutexGuard};

/// Lets in many who read, or one who writes. Whoever comes to read while a
/// writer waits comes after the writer, or it might wait forever.
#[derive(Default)]
pub struct Fair {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    readers: usize,
    writing: bool,
    writers_waiting: usize,
}

// ANCHOR: fair
impl Fair {
    /// Reads. A thread that is reading already must not ask again.
    pub fn read<R>(&self, work: impl FnOnce() -> R) -> R {
        let must_wait = |s: &State| s.writing || s.writers_waiting > 0;
        self.read_unless(must_wait, work)
    }

    /// Reads, and goes before writers that wait; so it never waits for itself.
    pub fn read_recursive<R>(&self, work: impl FnOnce() -> R) -> R {
        self.read_unless(|s| s.writing, work)
    }

    /// Writes, when nobody else is inside.
    pub fn write<R>(&self, work: impl FnOnce() -> R) -> R {
        let mut state = self.state();
        state.writers_waiting += 1; // from here on the door is shut
        while state.writing || state.readers > 0 {
            state = self.changed.wait(state).unwrap();
        }
        state.writers_waiting -= 1;
        state.writing = true;
        drop(state);
        let answer = work();
        self.state().writing = false;
        self.changed.notify_all();
        answer
    }
}
// ANCHOR_END: fair

impl Fair {
    /// Whether somebody waits to write.
    pub fn writer_waits(&self) -> bool {
        self.state().writers_waiting > 0
    }

    fn read_unless<R>(
        &self,
        must_wait: impl Fn(&State) -> bool,
        work: impl FnOnce() -> R,
    ) -> R {
        let mut state = self.state();
        while must_wait(&state) {
            state = self.changed.wait(state).unwrap();
        }
        state.readers += 1;
        drop(state);
        let answer = work();
        self.state().readers -= 1;
        self.changed.notify_all();
        answer
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}
