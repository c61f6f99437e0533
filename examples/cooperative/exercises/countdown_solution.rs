//! Exercise 3, solved: whatever must survive a return is a field.

use std::pin::Pin;
use std::task::{Context, Poll};

/// Says `left`, then the number below, down to 1.
pub struct Countdown<S> {
    left: u32,
    said: u32,
    say: S,
}

/// A countdown that begins with `from`.
pub fn countdown<S: FnMut(u32) + Unpin>(from: u32, say: S) -> Countdown<S> {
    Countdown { left: from, said: 0, say }
}

impl<S: FnMut(u32) + Unpin> Future for Countdown<S> {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> {
        if self.left == 0 {
            return Poll::Ready(self.said);
        }
        let number = self.left;
        (self.say)(number);
        self.left -= 1;
        self.said += 1;
        cx.waker().wake_by_ref(); // or a real executor would never ask again
        Poll::Pending
    }
}
