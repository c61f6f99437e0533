//! Which tasks are ready to go on: the one thing that a loop shares with other
//! threads, since a task may be woken from any of them.
//!
//! It is checked by a model, `model/lib.rs`, in every order in which two
//! threads can meet here, as far as the checker models them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Wake;

use crate::sync::{AtomicBool, Mutex, Ordering};

/// Gets the loop's thread out of its sleep in the kernel. A ring while it is
/// awake is not lost: its next sleep ends at once.
pub(crate) trait Bell: Send + Sync {
    fn ring(&self);
}

pub(crate) struct Ready<B> {
    state: Mutex<State>,
    bell: B,
}

struct State {
    queue: VecDeque<usize>,
    /// The loop sleeps, or is about to: whoever adds a task has to ring.
    asleep: bool,
}

impl<B: Bell> Ready<B> {
    pub(crate) fn new(bell: B) -> Ready<B> {
        let state = State { queue: VecDeque::new(), asleep: false };
        Ready { state: Mutex::new(state), bell }
    }

    // ANCHOR: push
    /// Called by wakers, on any thread.
    pub(crate) fn push(&self, task: usize) {
        let mut state = self.state.lock().unwrap();
        state.queue.push_back(task);
        let asleep = std::mem::take(&mut state.asleep);
        drop(state);
        if asleep {
            self.bell.ring();
        }
    }

    /// Called by the loop before it sleeps. `true`: nothing is ready, and
    /// whoever wakes a task from now on will ring.
    pub(crate) fn fall_asleep(&self) -> bool {
        // One lock around both: between "nothing is ready" and "I sleep"
        // no task can be added.
        let mut state = self.state.lock().unwrap();
        state.asleep = state.queue.is_empty();
        state.asleep
    }
    // ANCHOR_END: push

    /// Called by the loop when it is back: nobody needs to ring now.
    pub(crate) fn wake_up(&self) {
        self.state.lock().unwrap().asleep = false;
    }

    /// Moves the ready tasks to the end of `turn`, most often an empty queue.
    pub(crate) fn take_all(&self, turn: &mut VecDeque<usize>) {
        turn.append(&mut self.state.lock().unwrap().queue);
    }

    /// For whoever waits where the bell rings.
    pub(crate) fn bell(&self) -> &B {
        &self.bell
    }
}

/// A task's place in the queue: what a [`Waker`](std::task::Waker) holds.
pub(crate) struct Ticket<B> {
    task: usize,
    queued: AtomicBool,
    ready: Arc<Ready<B>>,
}

impl<B: Bell> Ticket<B> {
    pub(crate) fn new(task: usize, ready: &Arc<Ready<B>>) -> Ticket<B> {
        let queued = AtomicBool::new(false);
        Ticket { task, queued, ready: Arc::clone(ready) }
    }

    /// Queues the task, unless it is queued already.
    pub(crate) fn call(&self) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            self.ready.push(self.task);
        }
    }

    /// Called by the loop *before* it polls the task: a wake-up that arrives
    /// while it is polled has to queue it again. A swap and no store: the poll
    /// must see what the wakers before it wrote.
    pub(crate) fn begin(&self) {
        self.queued.swap(false, Ordering::AcqRel);
    }
}

// The standard library makes a `Waker` of any `Arc<impl Wake>`.
impl<B: Bell + 'static> Wake for Ticket<B> {
    fn wake(self: Arc<Self>) {
        self.call();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.call();
    }
}
