//! Every starter fails its test, every solution passes it.
//!
//! They lie here and not in the chapter's `tests`, since they need loom: it
//! runs each in every order, so nothing depends on luck.

// The exercises are small modules of public functions, as a reader would write
// them, and use parts of the chapter's.
#![allow(unreachable_pub, dead_code)]

use lab::testing::is_found_in_child;
use loom::sync::Arc;
use loom::thread;

#[path = "../src/attached.rs"]
mod attached;
#[path = "../exercises/extension_solution.rs"]
mod extension_solution;
#[path = "../exercises/extension_starter.rs"]
mod extension_starter;
#[path = "../src/fair.rs"]
mod fair;
#[path = "../exercises/prices_solution.rs"]
mod prices_solution;
#[path = "../exercises/prices_starter.rs"]
mod prices_starter;
#[path = "../src/slots.rs"]
mod slots;
#[path = "../exercises/waiter_solution.rs"]
mod waiter_solution;
#[path = "../exercises/waiter_starter.rs"]
mod waiter_starter;

mod sync {
    pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard};
}

macro_rules! prices {
    ($exercise:ident) => {
        loom::model(|| {
            let menu = Arc::new($exercise::Menu::new(vec![3, 4]));
            let menu2 = Arc::clone(&menu);
            let changes = thread::spawn(move || menu2.change(|| ()));
            assert_eq!(menu.total(), 7);
            assert_eq!(menu.price(1), 4);
            changes.join().unwrap();
        })
    };
}

#[test]
fn a_total_gets_done_while_the_menu_changes() {
    is_found_in_child("prices_as_they_start", "deadlock");
    prices!(prices_solution);
}

#[test]
#[ignore = "a mistake, for the test above"]
fn prices_as_they_start() {
    prices!(prices_starter);
}

macro_rules! waiter {
    ($exercise:ident) => {
        loom::model(|| {
            let orders = Arc::new(slots::Slots::new(1));
            let dishes = Arc::new(slots::Slots::new(1));
            let (orders2, dishes2) = (Arc::clone(&orders), Arc::clone(&dishes));
            let cook = thread::spawn(move || {
                (0..4).for_each(|_| dishes2.put(10 * orders2.take()));
            });
            let served = $exercise::serve(&[1, 2, 3, 4], &orders, &dishes, 1);
            assert_eq!(served, [10, 20, 30, 40]);
            cook.join().unwrap();
        })
    };
}

#[test]
fn more_is_ordered_than_there_is_room_for() {
    is_found_in_child("a_waiter_as_it_starts", "deadlock");
    waiter!(waiter_solution);
}

#[test]
#[ignore = "a mistake, for the test above"]
fn a_waiter_as_it_starts() {
    waiter!(waiter_starter);
}

macro_rules! extension {
    ($exercise:ident) => {
        loom::model(|| {
            let interpreter = Arc::new(attached::Interpreter::default());
            let store = Arc::new($exercise::Store::default());
            interpreter.attach(|python| store.store(python, 1));
            let (interpreter2, store2) =
                (Arc::clone(&interpreter), Arc::clone(&store));
            let asks = thread::spawn(move || {
                store2.retain(&interpreter2, |_, value| value != 1);
            });
            interpreter.attach(|python| store.store(python, 2));
            asks.join().unwrap();
            assert_eq!(store.count(), 1);
        })
    };
}

#[test]
fn an_extension_may_be_called_while_it_calls_back() {
    is_found_in_child("an_extension_as_it_starts", "deadlock");
    extension!(extension_solution);
}

#[test]
#[ignore = "a mistake, for the test above"]
fn an_extension_as_it_starts() {
    extension!(extension_starter);
}
