//! An executor small enough to be read at one sitting.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// A task that an executor owns.
pub type Task = Pin<Box<dyn Future<Output = ()>>>;

/// Polls the tasks in turn until all of them are done. A real executor polls
/// only those that were woken, and sleeps when none was.
pub fn run(tasks: impl IntoIterator<Item = Task>) {
    let mut queue: VecDeque<Task> = tasks.into_iter().collect();
    let mut context = Context::from_waker(Waker::noop());
    while let Some(mut task) = queue.pop_front() {
        // A switch: one function returns, and another is called.
        if task.as_mut().poll(&mut context).is_pending() {
            queue.push_back(task);
        }
    }
}

/// Gives way once.
pub fn give_way() -> impl Future<Output = ()> {
    let mut given = false;
    std::future::poll_fn(move |_| {
        if given {
            return Poll::Ready(());
        }
        given = true;
        Poll::Pending
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;

    #[test]
    fn tasks_that_give_way_take_turns() {
        let said = Rc::new(RefCell::new(String::new()));
        run(["ab", "cd", "e"].map(|letters| {
            let said = Rc::clone(&said);
            Box::pin(async move {
                for letter in letters.chars() {
                    said.borrow_mut().push(letter);
                    give_way().await;
                }
            }) as Task
        }));
        assert_eq!(*said.borrow(), "acebd");
    }
}
