//! Takes turns among futures, which keep what they need in their own fields.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Tasks in the order in which their turns come.
#[derive(Default)]
pub struct Scheduler {
    queue: VecDeque<Pin<Box<dyn Future<Output = ()>>>>,
}

impl Scheduler {
    /// Adds a task at the end of the queue. It does not run yet.
    pub fn spawn(&mut self, task: impl Future<Output = ()> + 'static) {
        self.queue.push_back(Box::pin(task));
    }

    /// Polls one after another until all of them are done. A real executor
    /// polls only those that have been woken.
    pub fn run(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        while let Some(mut next) = self.queue.pop_front() {
            // A function call: it returns at an await, and not before.
            if next.as_mut().poll(&mut context).is_pending() {
                self.queue.push_back(next);
            }
        }
    }
}

/// Gives way once.
pub fn yield_now() -> YieldNow {
    YieldNow { given: false }
}

/// What [`yield_now`] returns.
#[derive(Debug)]
pub struct YieldNow {
    given: bool,
}

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.given {
            return Poll::Ready(());
        }
        self.given = true;
        context.waker().wake_by_ref(); // we need not wait for anything
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;

    #[test]
    fn tasks_take_turns_in_the_order_in_which_they_came() {
        let said = Rc::new(RefCell::new(String::new()));
        let mut scheduler = Scheduler::default();
        for letters in ["ab", "cde", "f"] {
            let said = Rc::clone(&said);
            scheduler.spawn(async move {
                for letter in letters.chars() {
                    said.borrow_mut().push(letter);
                    yield_now().await;
                }
            });
        }
        assert_eq!(*said.borrow(), "", "nobody runs before `run`");
        scheduler.run();
        assert_eq!(*said.borrow(), "acfbde");
    }

    #[test]
    fn an_await_that_has_nothing_to_wait_for_does_not_give_way() {
        let said = Rc::new(RefCell::new(String::new()));
        let mut scheduler = Scheduler::default();
        for letters in ["ab", "cd"] {
            let said = Rc::clone(&said);
            scheduler.spawn(async move {
                for letter in letters.chars() {
                    said.borrow_mut().push(letter);
                    std::future::ready(()).await;
                }
            });
        }
        scheduler.run();
        assert_eq!(*said.borrow(), "abcd");
    }
}
