//! Exercise 1, solved. The producer has a stack of its own. It leaves a value
//! where both can see it, and suspends itself, from however deep it is.

use std::cell::Cell;
use std::rc::Rc;

use switching::stackful::Coroutine;

/// What a producer hands its values to, one by one.
pub type Hand<'a, T> = &'a mut dyn FnMut(T);

/// The values that `producer` hands over, one whenever the iterator is asked.
pub fn values<T: 'static>(
    producer: impl FnOnce(Hand<'_, T>) + 'static,
) -> impl Iterator<Item = T> {
    let handed = Rc::new(Cell::new(None));
    let table = Rc::clone(&handed);
    let mut coroutine = Coroutine::new(64 << 10, move |yielder| {
        producer(&mut |value| {
            table.set(Some(value));
            yielder.suspend();
        });
    })
    .expect("a stack");
    let mut done = false;
    std::iter::from_fn(move || {
        if !done {
            done = coroutine.resume() == switching::stackful::State::Done;
        }
        handed.take()
    })
}
