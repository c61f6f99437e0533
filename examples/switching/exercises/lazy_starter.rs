//! Exercise 1: an iterator should run its producer only as far as it is asked
//! for. This one runs it to the end first.

/// What a producer hands its values to, one by one.
pub type Hand<'a, T> = &'a mut dyn FnMut(T);

/// The values that `producer` hands over, one whenever the iterator is asked.
pub fn values<T: 'static>(
    producer: impl FnOnce(Hand<'_, T>) + 'static,
) -> impl Iterator<Item = T> {
    let mut all = Vec::new();
    producer(&mut |value| all.push(value));
    all.into_iter()
}
