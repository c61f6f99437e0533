//! How many threads a process has at most.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::os;

/// Counts a process's threads again and again, from a thread of its own.
pub struct Census {
    over: Arc<AtomicBool>,
    counting: std::thread::JoinHandle<Option<u32>>,
}

impl Census {
    /// Starts counting the threads of process `pid`.
    pub fn of(pid: u32) -> Census {
        let over = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&over);
        let counting = std::thread::spawn(move || {
            let mut most = os::threads_of(pid);
            while !stop.load(Ordering::Relaxed) {
                most = most.max(os::threads_of(pid));
                std::thread::sleep(Duration::from_micros(500));
            }
            most
        });
        Census { over, counting }
    }

    /// Stops and returns the most threads seen at once.
    pub fn most(self) -> Option<u32> {
        self.over.store(true, Ordering::Relaxed);
        self.counting.join().ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_census_sees_threads_that_are_gone_again() {
        let census = Census::of(std::process::id());
        std::thread::scope(|scope| {
            for _ in 0..10 {
                scope.spawn(|| std::thread::sleep(Duration::from_millis(50)));
            }
        });
        if let Some(most) = census.most() {
            assert!(most >= 11, "{most}");
        }
    }
}
