//! A thread that does something every now and then. Whoever drops it waits
//! until it has slept.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle, sleep};
use std::time::Duration;

/// Dropped, it is over.
pub struct Ticker {
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Does it now, and again after each pause.
    pub fn start(
        pause: Duration,
        mut tick: impl FnMut() + Send + 'static,
    ) -> Ticker {
        let closing = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&closing);
        let thread = thread::spawn(move || {
            while !asked.load(Ordering::Relaxed) {
                tick();
                sleep(pause);
            }
        });
        Ticker { closing, thread: Some(thread) }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}
