//! An `async fn`, and beside it the state machine that it stands for, written
//! by hand.

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::stackless::{YieldNow, yield_now};

/// What was done, in order.
pub type Log = RefCell<Vec<&'static str>>;

// ANCHOR: original
/// Serves soup, gives way, serves the main dish, gives way; returns the bill.
pub async fn lunch(guests: u64, log: &Log) -> u64 {
    let soup = 3 * guests;
    log.borrow_mut().push("soup");
    yield_now().await;
    let both = soup + 9 * guests;
    log.borrow_mut().push("main dish");
    yield_now().await;
    log.borrow_mut().push("bill");
    both + 1
}
// ANCHOR_END: original

// ANCHOR: states
/// The same by hand. A variant for each place where it can stand still, with
/// what it will need from there on.
enum Lunch<'a> {
    // Nothing has run yet.
    Start { guests: u64, log: &'a Log },
    // At the first await.
    Soup { guests: u64, soup: u64, log: &'a Log, wait: YieldNow },
    // At the second: nobody asks for `guests` and `soup` any more.
    Main { both: u64, log: &'a Log, wait: YieldNow },
    // It has returned.
    Done,
}
// ANCHOR_END: states

/// What a call of [`lunch`] does: it keeps the arguments.
pub fn lunch_by_hand(guests: u64, log: &Log) -> impl Future<Output = u64> {
    Lunch::Start { guests, log }
}

// ANCHOR: poll
impl Future for Lunch<'_> {
    type Output = u64;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u64> {
        loop {
            *self = match &mut *self {
                &mut Lunch::Start { guests, log } => {
                    let soup = 3 * guests;
                    log.borrow_mut().push("soup");
                    Lunch::Soup { guests, soup, log, wait: yield_now() }
                }
                Lunch::Soup { guests, soup, log, wait } => {
                    ready!(Pin::new(wait).poll(cx)); // the first await
                    let both = *soup + 9 * *guests;
                    log.borrow_mut().push("main dish");
                    Lunch::Main { both, log, wait: yield_now() }
                }
                Lunch::Main { both, log, wait } => {
                    ready!(Pin::new(wait).poll(cx)); // the second
                    log.borrow_mut().push("bill");
                    let bill = *both + 1;
                    *self = Lunch::Done;
                    return Poll::Ready(bill);
                }
                Lunch::Done => panic!("polled after it was done"),
            };
        }
    }
}
// ANCHOR_END: poll

/// Its kilobyte is in use before the await and after it.
pub async fn across(seed: u8) -> u64 {
    let dough = [seed; 1024];
    let before = sum(&dough);
    yield_now().await;
    before + sum(&dough)
}

/// Its kilobyte is gone before the await.
pub async fn before(seed: u8) -> u64 {
    let before = {
        let dough = [seed; 1024];
        2 * sum(&dough)
    };
    yield_now().await;
    before
}

fn sum(bytes: &[u8; 1024]) -> u64 {
    std::hint::black_box(bytes).iter().map(|&byte| u64::from(byte)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Waker;

    /// What a future says at each poll, and what was done by then.
    fn steps(
        future: impl Future<Output = u64>,
        log: &Log,
    ) -> Vec<(Poll<u64>, usize)> {
        let mut future = std::pin::pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        let mut steps = vec![(Poll::Pending, log.borrow().len())];
        loop {
            let polled = future.as_mut().poll(&mut context);
            steps.push((polled, log.borrow().len()));
            if polled.is_ready() {
                return steps;
            }
        }
    }

    #[test]
    fn the_state_machine_takes_the_steps_of_the_function() {
        let (ours, theirs) = (Log::default(), Log::default());
        let by_hand = steps(lunch_by_hand(4, &ours), &ours);
        assert_eq!(by_hand, steps(lunch(4, &theirs), &theirs));
        assert_eq!(ours, theirs);
        assert_eq!(by_hand.last(), Some(&(Poll::Ready(49), 3)));
        let served: Vec<_> = by_hand.iter().map(|step| step.1).collect();
        assert_eq!(served, [0, 1, 2, 3], "nothing before the first poll");
    }

    #[test]
    fn only_what_lives_across_an_await_is_kept() {
        assert!(size_of_val(&across(1)) >= 1024);
        assert!(size_of_val(&before(1)) < 128);
        assert_eq!(steps(across(2), &Log::default()).len(), 3);
        assert_eq!(
            steps(across(2), &Log::default()),
            steps(before(2), &Log::default())
        );
    }
}
