//! A server whose capacity is known: one request after the other, each for the
//! same time, by a timer.

use std::ops::Range;
use std::sync::mpsc::Receiver;
use std::thread::sleep;
use std::time::Duration;

use lab::timeline::now_ns;

// ANCHOR: desk
/// Where one is served after the other.
pub struct Desk {
    service_ns: u64,
    free_ns: u64,
    stops: Range<u64>,
}

impl Desk {
    /// Each takes so long.
    pub fn new(service_ns: u64) -> Desk {
        Desk { service_ns, free_ns: 0, stops: 0..0 }
    }

    /// The same, but nobody is served between these times.
    pub fn that_stops(service_ns: u64, stops: Range<u64>) -> Desk {
        Desk { stops, ..Desk::new(service_ns) }
    }

    /// When who came then, and is next, has been served.
    pub fn done_ns(&mut self, came_ns: u64) -> u64 {
        let mut from = self.free_ns.max(came_ns);
        if self.stops.contains(&from) {
            from = self.stops.end;
        }
        // Not from now: a timer that is late costs nothing of the capacity.
        self.free_ns = from + self.service_ns;
        self.free_ns
    }
}
// ANCHOR_END: desk

/// Somebody who came then, and what there is to know for an answer.
pub struct Request<A> {
    /// When it was put into the queue.
    pub came_ns: u64,
    /// How it is answered.
    pub answer: A,
}

// ANCHOR: serve
/// Serves whoever comes and is still wanted, until nobody can come any more.
pub fn serve<A>(
    mut desk: Desk,
    requests: Receiver<Request<A>>,
    wanted: impl Fn(&A) -> bool,
    mut done: impl FnMut(A),
) {
    for Request { came_ns, answer } in requests {
        if wanted(&answer) {
            sleep_until(desk.done_ns(came_ns));
            done(answer);
        }
    }
}
// ANCHOR_END: serve

/// Sleeps until then, or not at all.
pub fn sleep_until(ns: u64) {
    let left = ns.saturating_sub(now_ns());
    if left > 0 {
        sleep(Duration::from_nanos(left));
    }
}
