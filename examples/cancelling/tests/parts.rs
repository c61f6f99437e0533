//! The chapter's own parts, on tokio's loop and on the book's.

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use cancelling::one_thread;
use cancelling::permits::Permits;
use cancelling::stoppable::{Ended, stoppable};
use cancelling::task::{Failed, all_or_none, spawn};
use cancelling::token::Token;
use event_loop::EventLoop;
use tokio::select;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

/// Counts when it is dropped.
struct Counts(Rc<Cell<u32>>);

impl Drop for Counts {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn what_is_stopped_is_dropped_at_once_and_says_so() {
    let dropped = Rc::default();
    let counts = Counts(Rc::clone(&dropped));
    one_thread().block_on(async {
        let (task, stop) = stoppable(async move {
            let _counts = counts;
            pending::<()>().await;
        });
        let stops = async {
            yield_now().await;
            stop.stop();
        };
        let (ended, ()) = tokio::join!(task, stops);
        assert_eq!(ended, Err(Ended::Stopped));
        assert_eq!(dropped.get(), 1);
    });
}

#[test]
fn stopped_before_its_first_turn_it_never_runs() {
    let (task, stop) = stoppable(async { unreachable!("it was stopped") });
    stop.stop();
    let ended: Result<(), _> = one_thread().block_on(task);
    assert_eq!(ended, Err(Ended::Stopped));
}

#[test]
fn stopped_after_its_end_it_has_its_answer() {
    let (task, stop) = stoppable(async { 7 });
    let answer = one_thread().block_on(task);
    stop.stop();
    assert_eq!(answer, Ok(7));
}

#[test]
fn on_our_own_loop_a_panic_is_kept_from_the_others() {
    let event_loop = EventLoop::new().unwrap();
    let (loses, _) = stoppable(async { panic!("on purpose") });
    let (other, stop) = stoppable(pending::<()>());
    let handle = event_loop.handle();
    let (loses, other) =
        (handle.spawn::<Result<(), _>>(loses), handle.spawn(other));
    event_loop.run(async {
        assert_eq!(loses.await, Err(Ended::Panicked));
        stop.stop();
        assert_eq!(other.await, Err(Ended::Stopped));
    });
}

#[test]
fn a_group_returns_when_the_last_of_it_is_gone() {
    let event_loop = EventLoop::new().unwrap();
    let handle = event_loop.handle();
    let dropped = Rc::default();
    let waits = || {
        let counts = Counts(Rc::clone(&dropped));
        let task = async move {
            let _counts = counts;
            pending::<Result<(), &str>>().await
        };
        spawn(task, |task| handle.spawn(task))
    };
    let fails = spawn(async { Err("on purpose") }, |task| handle.spawn(task));
    let group = all_or_none(vec![waits(), fails, waits()]);
    assert_eq!(event_loop.run(group), Err(Failed::Error("on purpose")));
    assert_eq!(dropped.get(), 2);

    let panics = || -> Result<(), &str> { panic!("on purpose") };
    let panics = spawn(async move { panics() }, |task| handle.spawn(task));
    let group = all_or_none(vec![waits(), panics]);
    let ended = Err(Failed::Ended(Ended::Panicked));
    assert_eq!(event_loop.run(group), ended);
    assert_eq!(dropped.get(), 3);

    let done = spawn(async { Ok(()) }, |task| handle.spawn(task));
    let group = all_or_none::<_, &str>(vec![done]);
    assert_eq!(event_loop.run(group), Ok(()));
}

#[test]
fn a_token_stops_all_who_wait_and_can_be_asked() {
    one_thread().block_on(async {
        let token = Token::default();
        assert!(!token.is_canceled());
        let waits = || async { token.canceled().await };
        let cancels = async {
            yield_now().await;
            token.cancel();
        };
        tokio::join!(waits(), waits(), cancels);
        assert!(token.is_canceled());
        token.canceled().await; // for whoever comes late
    });
}

#[test]
fn permits_are_given_in_the_order_of_asking_and_past_who_has_gone() {
    one_thread().block_on(async {
        let permits = Permits::new(1);
        let order = Cell::new(String::new());
        let add = |name| order.set(order.take() + name);
        let takes = |name| {
            let asked = permits.acquire();
            async move {
                let _permit = asked.await;
                add(name);
                yield_now().await;
            }
        };
        let gives_up = async {
            select! {
                biased;
                _permit = permits.acquire() => unreachable!("it is taken"),
                () = yield_now() => add("-"),
            }
        };
        tokio::join!(takes("a"), takes("b"), gives_up, takes("c"));
        assert_eq!(order.take(), "a-bc");
        let free = timeout(Duration::from_secs(5), permits.acquire()).await;
        assert!(free.is_ok(), "a permit is lost");
        sleep(Duration::ZERO).await;
    });
}
