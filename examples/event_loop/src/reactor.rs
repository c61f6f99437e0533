//! The reactor: who waits for which socket. The kernel watches the sockets
//! (`epoll` on Linux); we remember whom to wake.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::task::Waker;
use std::time::Instant;

use polling::{Event, Events, Poller};
use socket2::Socket;

use crate::ready::{Bell, Ready};

/// Out of `epoll_wait`, or whatever the platform has.
impl Bell for Poller {
    fn ring(&self) {
        // It only writes to a descriptor of the poller's own.
        self.notify().expect("the poller takes notice");
    }
}

pub(crate) struct Reactor {
    /// Has the poller for its bell.
    ready: Arc<Ready<Poller>>,
    waiting: RefCell<HashMap<usize, Waiting>>,
    next_key: Cell<usize>,
    events: RefCell<Events>,
}

/// The tasks that wait for one socket.
#[derive(Default)]
struct Waiting {
    to_read: Vec<Waker>,
    to_write: Vec<Waker>,
}

/// What a task waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    Reading,
    Writing,
}

impl Reactor {
    pub(crate) fn new(ready: Arc<Ready<Poller>>) -> Reactor {
        Reactor {
            ready,
            waiting: RefCell::default(),
            next_key: Cell::new(0),
            events: RefCell::new(Events::new()),
        }
    }

    /// Makes a socket known to the kernel's poller, and returns its key.
    ///
    /// # Safety
    /// The socket must stay open until [`Reactor::remove`] is called with it.
    pub(crate) unsafe fn add(&self, socket: &Socket) -> io::Result<usize> {
        let key = self.next_key.replace(self.next_key.get() + 1);
        // SAFETY: the caller keeps the socket open until it is removed.
        unsafe { self.ready.bell().add(socket, Event::none(key))? };
        self.waiting.borrow_mut().insert(key, Waiting::default());
        Ok(key)
    }

    pub(crate) fn remove(&self, socket: &Socket, key: usize) {
        self.waiting.borrow_mut().remove(&key);
        // It fails for a socket that is not known, and then nothing is lost.
        let _ = self.ready.bell().delete(socket);
    }

    /// Has `waker` woken when the socket can be read from or written to.
    pub(crate) fn wake_when(
        &self,
        socket: &Socket,
        key: usize,
        what: For,
        waker: &Waker,
    ) -> io::Result<()> {
        let mut all = self.waiting.borrow_mut();
        let waiting = all
            .get_mut(&key)
            .expect("a socket is added before it is waited for");
        let wakers = match what {
            For::Reading => &mut waiting.to_read,
            For::Writing => &mut waiting.to_write,
        };
        if !wakers.iter().any(|known| known.will_wake(waker)) {
            wakers.push(waker.clone());
        }
        let (read, write) =
            (!waiting.to_read.is_empty(), !waiting.to_write.is_empty());
        self.ready.bell().modify(socket, Event::new(key, read, write))
    }

    /// Waits for the kernel to name sockets, until `deadline` or until somebody
    /// rings, and returns who waited for them.
    pub(crate) fn wait(
        &self,
        deadline: Option<Instant>,
    ) -> io::Result<Vec<Waker>> {
        let mut events = self.events.borrow_mut();
        events.clear();
        let patience =
            deadline.map(|at| at.saturating_duration_since(Instant::now()));
        self.ready.bell().wait(&mut events, patience)?;
        let mut all = self.waiting.borrow_mut();
        let mut woken = Vec::new();
        for event in events.iter() {
            // A poller names a socket once and then forgets what we wanted of
            // it. So all of them wake; who still has to wait asks again.
            if let Some(waiting) = all.get_mut(&event.key) {
                woken.append(&mut waiting.to_read);
                woken.append(&mut waiting.to_write);
            }
        }
        Ok(woken)
    }
}
