//! Timers: what is due when, in order, so that the first is at hand.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::Handle;

/// The number tells timers apart that are due at the same moment.
type Due = (Instant, u64);

#[derive(Default)]
pub(crate) struct Timers {
    waiting: RefCell<BTreeMap<Due, Waker>>,
    started: Cell<u64>,
}

impl Timers {
    /// When the loop has to be awake again, if ever.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.waiting.borrow().keys().next().map(|(when, _)| *when)
    }

    /// Wakes the tasks whose time has come.
    pub(crate) fn wake_until(&self, now: Instant) {
        let mut waiting = self.waiting.borrow_mut();
        while let Some(first) = waiting.first_entry() {
            if first.key().0 > now {
                break;
            }
            first.remove().wake();
        }
    }
}

/// Waits until a moment; see [`Handle::sleep`].
pub struct Sleep {
    timers: Rc<Timers>,
    due: Due,
}

impl Handle {
    /// Waits for `duration`. The thread goes on with other tasks meanwhile.
    pub fn sleep(&self, duration: Duration) -> Sleep {
        self.sleep_until(Instant::now() + duration)
    }

    /// Waits until `when`.
    pub fn sleep_until(&self, when: Instant) -> Sleep {
        let timers = Rc::clone(self.timers());
        let number = timers.started.replace(timers.started.get() + 1);
        Sleep { timers, due: (when, number) }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if Instant::now() >= self.due.0 {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        self.timers.waiting.borrow_mut().insert(self.due, waker);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.timers.waiting.borrow_mut().remove(&self.due);
    }
}
