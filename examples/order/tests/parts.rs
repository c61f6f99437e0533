//! The stacks and the ring on real threads, and the harness.
//!
//! What holds in every order is tested in `model/`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use order::broken::Untagged;
use order::epoch::Stack;
use order::litmus::{AllSeqCst, ReleaseAcquire};
use order::ring::Ring;
use order::tagged::Tagged;

#[test]
fn slots_come_from_the_top_and_go_back_there() {
    let slots = Tagged::new(2);
    assert_eq!(
        (slots.pop(), slots.pop(), slots.pop()),
        (Some(0), Some(1), None)
    );
    slots.push(0);
    slots.push(1);
    assert_eq!(
        (slots.pop(), slots.pop(), slots.pop()),
        (Some(1), Some(0), None)
    );
    assert_eq!(Tagged::new(0).pop(), None);
}

/// The broken one, too, as long as it is alone.
#[test]
fn without_a_tag_it_works_for_one() {
    let slots = Untagged::new(2);
    assert_eq!(
        (slots.pop(), slots.pop(), slots.pop()),
        (Some(0), Some(1), None)
    );
    slots.push(1);
    assert_eq!((slots.pop(), slots.pop()), (Some(1), None));
}

#[test]
fn a_stack_gives_each_value_to_one() {
    let stack = &Stack::default();
    let taken = thread::scope(|scope| {
        let put =
            |from| move || (from..from + 20_000).for_each(|i| stack.push(i));
        scope.spawn(put(0));
        scope.spawn(put(20_000));
        let take = || {
            let values = std::iter::repeat_with(|| stack.pop());
            values.flatten().take(15_000).collect::<Vec<u32>>()
        };
        let takers = [scope.spawn(take), scope.spawn(take)];
        takers.map(|taker| taker.join().unwrap()).concat()
    });
    let left = std::iter::from_fn(|| stack.pop());
    let each: BTreeSet<u32> = taken.iter().copied().chain(left).collect();
    assert_eq!((taken.len(), each.len()), (30_000, 40_000));
}

#[test]
fn a_stack_drops_what_was_never_taken() {
    let value = Arc::new(());
    let stack = Stack::default();
    (0..3).for_each(|_| stack.push(Arc::clone(&value)));
    drop(stack);
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn a_ring_delivers_in_order_by_either_orderings() {
    let ring = Ring::default();
    thread::scope(|scope| {
        scope.spawn(|| (0..5_000).for_each(|n| ring.send::<ReleaseAcquire>(n)));
        (0..5_000).for_each(|n| assert_eq!(ring.receive::<AllSeqCst>(), n));
    });
}
