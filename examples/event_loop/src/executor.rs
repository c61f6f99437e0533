//! The executor: a table of tasks, and the loop that gives it its name.
//!
//! A real executor would catch a task's panic. Here it goes on through
//! [`EventLoop::run`], and whoever awaits that task's answer waits in vain. The
//! other tasks lose nothing; they go on when the loop is run again. Nor would a
//! real one panic when the kernel refuses to wait.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use polling::Poller;

use crate::reactor::Reactor;
use crate::ready::{Ready, Ticket};
use crate::timer::Timers;

/// A loop on the thread that made it. Its tasks end with it.
pub struct EventLoop(Handle);

/// What tasks need of their loop: to start others, to wait for time, to open
/// connections.
#[derive(Clone)]
pub struct Handle(Rc<Inner>);

struct Inner {
    ready: Arc<Ready<Poller>>,
    /// Who was ready and has not gone on yet. Not a local of `run`, since it
    /// has to outlive main's end and a task's panic: a task that was taken
    /// from the queue is marked as queued, and would not be queued again.
    turn: RefCell<VecDeque<usize>>,
    tasks: RefCell<HashMap<usize, Task>>,
    next_id: Cell<usize>,
    reactor: Rc<Reactor>,
    timers: Rc<Timers>,
    running: Cell<bool>,
    closed: Cell<bool>,
}

struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    ticket: Arc<Ticket<Poller>>,
}

/// The future given to [`EventLoop::run`]; all others are numbered from 1.
const MAIN: usize = 0;

impl EventLoop {
    /// A loop with nothing to do yet.
    ///
    /// # Errors
    /// When the kernel has no poller for us.
    pub fn new() -> io::Result<EventLoop> {
        let ready = Arc::new(Ready::new(Poller::new()?));
        Ok(EventLoop(Handle(Rc::new(Inner {
            reactor: Rc::new(Reactor::new(Arc::clone(&ready))),
            ready,
            turn: RefCell::default(),
            tasks: RefCell::default(),
            next_id: Cell::new(MAIN + 1),
            timers: Rc::default(),
            running: Cell::default(),
            closed: Cell::default(),
        }))))
    }

    /// For tasks that start others or wait for something.
    pub fn handle(&self) -> Handle {
        self.0.clone()
    }

    /// Runs `main` to its end, and the tasks it starts meanwhile. Those that
    /// have not ended by then go on when the loop is run again.
    ///
    /// # Panics
    /// When a task does, when the kernel refuses to wait, or when a task of
    /// this loop runs it. After a panic the loop can be run again, and the
    /// other tasks go on.
    // ANCHOR: run
    pub fn run<T>(&self, main: impl Future<Output = T>) -> T {
        let Inner { ready, turn, reactor, timers, running, .. } = &*self.0.0;
        let _running = Running::start(running);
        let mut main = pin!(main);
        let ticket = Arc::new(Ticket::new(MAIN, ready));
        let waker = Waker::from(Arc::clone(&ticket));
        ticket.call();
        loop {
            // 1. Every task that is ready goes on until it has to wait.
            ready.take_all(&mut turn.borrow_mut());
            while let Some(task) = next_of(turn) {
                if task != MAIN {
                    self.go_on_with(task);
                    continue;
                }
                ticket.begin();
                let mut cx = Context::from_waker(&waker);
                if let Poll::Ready(answer) = main.as_mut().poll(&mut cx) {
                    return answer; // the rest of the turn waits for a next run
                }
            }
            // 2. The kernel is asked who need not wait any longer. Only if
            //    nobody is ready does the thread sleep, until the next timer.
            let deadline = match ready.fall_asleep() {
                true => timers.next(),
                false => Some(Instant::now()),
            };
            let woken = reactor.wait(deadline).expect("the kernel waits");
            ready.wake_up();
            woken.into_iter().for_each(Waker::wake);
            timers.wake_until(Instant::now());
        }
    }
    // ANCHOR_END: run

    fn go_on_with(&self, id: usize) {
        let Inner { tasks, .. } = &*self.0.0;
        // Taken out while it is polled, since it may start other tasks. One
        // that is not there ended before it was woken.
        let Some(mut task) = tasks.borrow_mut().remove(&id) else { return };
        task.ticket.begin();
        let waker = Waker::from(Arc::clone(&task.ticket));
        let poll = task.future.as_mut().poll(&mut Context::from_waker(&waker));
        if poll.is_pending() {
            tasks.borrow_mut().insert(id, task);
        }
    }
}

/// Has let go of the turn when the task goes on.
fn next_of(turn: &RefCell<VecDeque<usize>>) -> Option<usize> {
    turn.borrow_mut().pop_front()
}

impl Drop for EventLoop {
    /// Tasks hold handles of their loop, and the loop holds its tasks: somebody
    /// has to let go.
    fn drop(&mut self) {
        // What a task starts while it is dropped would be held forever.
        self.0.0.closed.set(true);
        let tasks = self.0.0.tasks.take();
        drop(tasks);
    }
}

/// Two mains at once would take each other's wake-ups.
struct Running<'a>(&'a Cell<bool>);

impl Running<'_> {
    fn start(running: &Cell<bool>) -> Running<'_> {
        assert!(!running.replace(true), "this loop runs already");
        Running(running)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl Handle {
    /// Starts a task. It runs beside its starter from the loop's next turn on,
    /// or never, if the loop has been dropped.
    pub fn spawn<T: 'static>(
        &self,
        future: impl Future<Output = T> + 'static,
    ) -> JoinHandle<T> {
        let id = self.0.next_id.replace(self.0.next_id.get() + 1);
        let slot = Rc::new(RefCell::new(Slot { answer: None, waiting: None }));
        let joined = Rc::clone(&slot);
        let future = Box::pin(async move {
            let answer = future.await;
            let mut slot = slot.borrow_mut();
            slot.answer = Some(answer);
            if let Some(waiting) = slot.waiting.take() {
                waiting.wake();
            }
        });
        if !self.0.closed.get() {
            let ticket = Arc::new(Ticket::new(id, &self.0.ready));
            ticket.call();
            self.0.tasks.borrow_mut().insert(id, Task { future, ticket });
        }
        JoinHandle(joined)
    }

    pub(crate) fn reactor(&self) -> &Rc<Reactor> {
        &self.0.reactor
    }

    pub(crate) fn timers(&self) -> &Rc<Timers> {
        &self.0.timers
    }
}

struct Slot<T> {
    answer: Option<T>,
    waiting: Option<Waker>,
}

/// The answer of a task, once it is there. Dropped, it lets the task go on.
pub struct JoinHandle<T>(Rc<RefCell<Slot<T>>>);

impl<T> Future for JoinHandle<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut slot = self.0.borrow_mut();
        match slot.answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => {
                slot.waiting = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// Lets the other tasks have a turn.
pub async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
