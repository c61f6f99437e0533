//! Exercise 3: a state machine by hand. It should say its numbers one by one,
//! a number each time it is polled, and return how many it said. This one says
//! all of them at the first poll, so nobody else gets a turn.

use std::pin::Pin;
use std::task::{Context, Poll};

/// Says `left`, then the number below, down to 1.
pub struct Countdown<S> {
    left: u32,
    say: S,
}

/// A countdown that begins with `from`.
pub fn countdown<S: FnMut(u32) + Unpin>(from: u32, say: S) -> Countdown<S> {
    Countdown { left: from, say }
}

impl<S: FnMut(u32) + Unpin> Future for Countdown<S> {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u32> {
        let mut said = 0;
        while self.left > 0 {
            let number = self.left;
            (self.say)(number);
            self.left -= 1;
            said += 1;
        }
        Poll::Ready(said)
    }
}
