//! Every starter fails its test, every solution passes it.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub)]

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};

use cooperative::stackless::{Scheduler, yield_now};
use lab::testing::fails;

#[path = "../exercises/countdown_solution.rs"]
mod countdown_solution;
#[path = "../exercises/countdown_starter.rs"]
mod countdown_starter;
#[path = "../exercises/polite_solution.rs"]
mod polite_solution;
#[path = "../exercises/polite_starter.rs"]
mod polite_starter;
#[path = "../exercises/withdraw_solution.rs"]
mod withdraw_solution;
#[path = "../exercises/withdraw_starter.rs"]
mod withdraw_starter;

macro_rules! polite {
    ($sum:path) => {
        let numbers: Vec<u64> = (1..=10_000).collect();
        let given = Rc::new(Cell::new(0));
        let counted = Rc::clone(&given);
        let mut scheduler = Scheduler::default();
        let sum = Rc::new(Cell::new(0));
        let result = Rc::clone(&sum);
        scheduler.spawn(async move {
            let give_way = || {
                counted.set(counted.get() + 1);
                Box::pin(yield_now()) as Pin<Box<dyn Future<Output = ()>>>
            };
            result.set($sum(&numbers, &give_way).await);
        });
        scheduler.run();
        assert_eq!(sum.get(), 50_005_000);
        assert!((9..=10).contains(&given.get()), "{} times", given.get());
    };
}

#[test]
fn a_long_sum_gives_way_after_each_thousand() {
    fails(|| {
        polite!(polite_starter::sum);
    });
    polite!(polite_solution::sum);
}

macro_rules! withdraw {
    ($withdraw:path) => {
        // Two want 70 of 100, the third 30, and the bank refuses the fourth.
        let balance = Rc::new(Cell::new(100));
        let said = Rc::new(RefCell::new(Vec::new()));
        let mut scheduler = Scheduler::default();
        for (amount, confirmed) in
            [(70, true), (70, true), (30, true), (0, false)]
        {
            let (balance, said) = (Rc::clone(&balance), Rc::clone(&said));
            scheduler.spawn(async move {
                let confirmation = async {
                    yield_now().await;
                    confirmed
                };
                let done = $withdraw(&balance, amount, confirmation).await;
                said.borrow_mut().push((amount, done));
            });
        }
        scheduler.run();
        assert_eq!(balance.get(), 0);
        assert_eq!(
            *said.borrow(),
            [(70, true), (70, false), (30, true), (0, false)]
        );
    };
}

#[test]
fn nobody_withdraws_what_is_gone_by_now() {
    fails(|| {
        withdraw!(withdraw_starter::withdraw);
    });
    withdraw!(withdraw_solution::withdraw);
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

macro_rules! countdown {
    ($countdown:path) => {
        let said = RefCell::new(Vec::new());
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        let mut task = $countdown(3, |number| said.borrow_mut().push(number));
        for so_far in [&[3][..], &[3, 2], &[3, 2, 1]] {
            let polled = Pin::new(&mut task).poll(&mut context);
            assert_eq!((polled, &said.borrow()[..]), (Poll::Pending, so_far));
        }
        assert_eq!(Pin::new(&mut task).poll(&mut context), Poll::Ready(3));
        assert_eq!(woken.0.load(Relaxed), 3, "who gives way asks to be polled");
    };
}

#[test]
fn a_countdown_says_one_number_each_time_it_is_polled() {
    fails(|| {
        countdown!(countdown_starter::countdown);
    });
    countdown!(countdown_solution::countdown);
}
