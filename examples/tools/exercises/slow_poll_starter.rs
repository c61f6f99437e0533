//! Which of my tasks blocks the runtime? `Timed` is to say how long the longest
//! poll of a future took, once it is done. This one counts the time in which
//! its future waits, too.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// A future whose polls are timed.
pub struct Timed<F> {
    future: Pin<Box<F>>,
    began: Option<Instant>,
    longest: Duration,
}

/// Has the polls of a future timed.
pub fn timed<F: Future>(future: F) -> Timed<F> {
    Timed { future: Box::pin(future), began: None, longest: Duration::ZERO }
}

impl<F: Future> Future for Timed<F> {
    /// What it answers, and the longest poll.
    type Output = (F::Output, Duration);

    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Self::Output> {
        let began = *self.began.get_or_insert_with(Instant::now);
        let answer = self.future.as_mut().poll(cx);
        self.longest = self.longest.max(began.elapsed());
        answer.map(|answer| (answer, self.longest))
    }
}
