//! WRONG. [`Ready`] with a lost wake-up: it asks whether anything is ready, and
//! then says that it sleeps. Between the two, a task can be added by somebody
//! who still sees the loop awake, and does not ring. The loop sleeps, with a
//! task in its queue.

use std::collections::VecDeque;

use crate::sync::Mutex;

pub(crate) struct Ready {
    state: Mutex<State>,
}

struct State {
    queue: VecDeque<usize>,
    asleep: bool,
}

impl Ready {
    pub(crate) fn new() -> Ready {
        let state = State { queue: VecDeque::new(), asleep: false };
        Ready { state: Mutex::new(state) }
    }

    /// Returns whether the caller has to ring.
    pub(crate) fn push(&self, task: usize) -> bool {
        let mut state = self.state.lock().unwrap();
        state.queue.push_back(task);
        std::mem::take(&mut state.asleep)
    }

    // ANCHOR: fall_asleep
    pub(crate) fn fall_asleep(&self) -> bool {
        let empty = self.state.lock().unwrap().queue.is_empty();
        // Here a task may be added, and nobody rings.
        self.state.lock().unwrap().asleep = empty;
        empty
    }
    // ANCHOR_END: fall_asleep

    pub(crate) fn take(&self) -> Option<usize> {
        self.state.lock().unwrap().queue.pop_front()
    }
}
