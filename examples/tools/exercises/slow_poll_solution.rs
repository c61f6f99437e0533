//! Each poll has its own beginning. What comes between two polls belongs to
//! others.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// A future whose polls are timed.
pub struct Timed<F> {
    future: Pin<Box<F>>,
    longest: Duration,
}

/// Has the polls of a future timed.
pub fn timed<F: Future>(future: F) -> Timed<F> {
    Timed { future: Box::pin(future), longest: Duration::ZERO }
}

impl<F: Future> Future for Timed<F> {
    /// What it answers, and the longest poll.
    type Output = (F::Output, Duration);

    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Self::Output> {
        let began = Instant::now();
        let answer = self.future.as_mut().poll(cx);
        self.longest = self.longest.max(began.elapsed());
        answer.map(|answer| (answer, self.longest))
    }
}
