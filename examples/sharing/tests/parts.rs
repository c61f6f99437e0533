//! Our locks and channels on real threads, and the lock that notes orders.
//!
//! That they are right in every order is tested in `model/`.

use std::thread;

use sharing::order::{Ordered, WrongOrder};
use sharing::park::ParkLock;
use sharing::queue::Queue;
use sharing::ring::{ring, ring_after, ring_unpadded};
use sharing::spin::SpinLock;

fn four_threads(turn: impl Fn() + Sync) {
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..20_000).for_each(|_| turn()));
        }
    });
}

#[test]
fn no_turn_is_lost_under_either_lock() {
    let spin = SpinLock::new(0);
    four_threads(|| spin.with(|n| *n += 1));
    assert_eq!(spin.with(|n| *n), 80_000);
    let park = ParkLock::new(0);
    four_threads(|| park.with(|n| *n += 1));
    assert_eq!(park.with(|n| *n), 80_000);
}

#[test]
fn a_wake_up_out_of_the_blue_does_no_harm() {
    let lock = ParkLock::new(0);
    thread::scope(|scope| {
        let busy = scope.spawn(|| {
            for _ in 0..20_000 {
                lock.with(|n| *n += 1);
            }
        });
        while !busy.is_finished() {
            busy.thread().unpark();
            lock.with(|n| *n += 0);
        }
    });
    assert_eq!(lock.with(|n| *n), 20_000);
}

#[test]
fn a_ring_delivers_in_order_through_a_single_slot() {
    let (mut sender, mut receiver) = ring(1);
    thread::scope(|scope| {
        scope.spawn(move || (0..5_000).for_each(|n| sender.send(n)));
        for n in 0..5_000 {
            assert_eq!(receiver.receive(), n);
        }
    });
}

#[test]
fn a_ring_goes_on_when_its_counters_wrap() {
    let (mut sender, mut receiver) = ring_after(4, usize::MAX - 5);
    for turn in 0..5 {
        (0..4).for_each(|n| sender.send(turn * 4 + n));
        let received: Vec<i32> = (0..4).map(|_| receiver.receive()).collect();
        assert_eq!(received, [0, 1, 2, 3].map(|n| turn * 4 + n));
    }
}

#[test]
fn a_ring_whose_counters_would_skip_slots_when_they_wrap_is_refused() {
    assert!(std::panic::catch_unwind(|| ring::<u64>(6)).is_err());
    assert!(std::panic::catch_unwind(|| ring::<u64>(0)).is_err());
}

#[test]
fn a_ring_with_its_counters_in_one_line_delivers_as_well() {
    let (mut sender, mut receiver) = ring_unpadded(2);
    thread::scope(|scope| {
        scope.spawn(move || (0..5_000).for_each(|n| sender.send(n)));
        for n in 0..5_000 {
            assert_eq!(receiver.receive(), n);
        }
    });
}

#[test]
fn a_ring_drops_what_was_never_received() {
    let item = std::sync::Arc::new(());
    let (mut sender, receiver) = ring(4);
    sender.send(std::sync::Arc::clone(&item));
    drop((sender, receiver));
    assert_eq!(std::sync::Arc::strong_count(&item), 1);
}

#[test]
fn a_queue_gives_each_item_to_one_of_those_who_wait() {
    let queue = Queue::default();
    let sum: u64 = thread::scope(|scope| {
        let take = || (0..1_000).map(|_| queue.pop()).sum::<u64>();
        let takers = [scope.spawn(take), scope.spawn(take)];
        (1..=2_000).for_each(|n| queue.push(n));
        takers.into_iter().map(|taker| taker.join().unwrap()).sum()
    });
    assert_eq!(sum, 2_000 * 2_001 / 2);
}

fn under<T>(outer: &Ordered<T>, inner: &Ordered<T>) -> Result<(), WrongOrder> {
    outer.with(|_| inner.with(|_| ())).and_then(|inner| inner)
}

#[test]
fn one_order_may_be_taken_again_and_again_and_the_other_is_refused() {
    let (a, b) = (Ordered::new("soup", 0), Ordered::new("bread", 0));
    assert_eq!(under(&a, &b), Ok(()));
    assert_eq!(under(&a, &b), Ok(()));
    let wrong = WrongOrder { held: "bread", wanted: "soup" };
    assert_eq!(under(&b, &a), Err(wrong));
    assert_eq!(under(&a, &b), Ok(()), "the refused order must not be noted");
}

#[test]
fn a_circle_of_three_locks_is_refused_too() {
    let [a, b, c] = ["one", "two", "three"].map(|name| Ordered::new(name, 0));
    assert_eq!(under(&a, &b), Ok(()));
    assert_eq!(under(&b, &c), Ok(()));
    assert!(under(&c, &a).is_err());
}

#[test]
fn a_refused_order_leaves_no_part_of_it_behind() {
    let [a, b, c] =
        ["fork", "knife", "spoon"].map(|name| Ordered::new(name, 0));
    assert_eq!(under(&a, &b), Ok(()));
    assert_eq!(under(&c, &b), Ok(()));
    let wrong = WrongOrder { held: "knife", wanted: "spoon" };
    let both = a.with(|_| b.with(|_| c.with(|_| ())));
    assert_eq!(both, Ok(Ok(Err(wrong))));
    assert_eq!(under(&c, &a), Ok(()), "spoon was never had under fork");
}

#[test]
fn a_panic_under_a_lock_takes_its_name_off_the_list() {
    let (a, b) = (Ordered::new("pot", 0), Ordered::new("pan", 0));
    let burnt = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        a.with(|_| panic!("on purpose"))
    }));
    assert!(burnt.is_err());
    assert_eq!(b.with(|_| ()), Ok(()));
    let c = Ordered::new("pot", 0); // the first one is poisoned
    assert_eq!(under(&b, &c), Ok(()), "nothing was held");
}

#[test]
fn the_same_lock_twice_is_refused_instead_of_waited_for() {
    let a = Ordered::new("mirror", 0);
    assert!(under(&a, &a).is_err());
}
