//! A thread that does something every now and then. It pauses by waiting for
//! the word to end, and so hears of it at once.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Dropped, it is over.
pub struct Ticker {
    // Nothing is ever sent: to drop it is the word.
    open: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Does it now, and again after each pause.
    pub fn start(
        pause: Duration,
        mut tick: impl FnMut() + Send + 'static,
    ) -> Ticker {
        let (open, closed) = channel();
        let thread = thread::spawn(move || {
            tick();
            let nothing = Err(RecvTimeoutError::Timeout);
            while closed.recv_timeout(pause) == nothing {
                tick();
            }
        });
        Ticker { open: Some(open), thread: Some(thread) }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.open.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}
