//! What a lock guards, in words, where it is one of a few types that say something.

use std::any::TypeId;
use std::collections::{BTreeSet, VecDeque};
use std::marker::PhantomData;
use std::task::Waker;

use crate::sync::Thread;
use crate::turns::Lane;

/// The type of `T`, whose lifetimes nobody has promised to be `'static`.
fn id<T>() -> TypeId {
    trait Asked {
        fn id(&self) -> TypeId
        where
            Self: 'static;
    }

    impl<T> Asked for PhantomData<T> {
        fn id(&self) -> TypeId
        where
            Self: 'static,
        {
            TypeId::of::<T>()
        }
    }

    let asked: &dyn Asked = &PhantomData::<T>;
    // SAFETY: nothing but a lifetime is different, of something that holds nothing.
    let asked: &(dyn Asked + 'static) = unsafe { std::mem::transmute(asked) };
    asked.id()
}

/// The value, if it is of that type.
fn as_a<T, K: 'static>(value: &T) -> Option<&K> {
    // SAFETY: they are the same type but for lifetimes, and none of those asked for below has
    // one that it could matter for: what names and numbers refer to lives as long as the
    // program.
    (id::<T>() == TypeId::of::<K>()).then(|| unsafe { &*std::ptr::from_ref(value).cast::<K>() })
}

/// A few words, or none. `name` is how a thread is called.
pub(crate) fn words<T>(value: &T, name: impl Fn(Lane) -> &'static str) -> Option<String> {
    let list = |words: Vec<String>| {
        if words.is_empty() { "nothing".into() } else { words.join(", ") }
    };
    if let Some(flag) = as_a::<T, bool>(value) {
        return Some(flag.to_string());
    }
    if let Some(number) = as_a::<T, i64>(value) {
        return Some(number.to_string());
    }
    if let Some(items) = as_a::<T, VecDeque<usize>>(value) {
        return Some(list(items.iter().map(usize::to_string).collect()));
    }
    if let Some(waker) = as_a::<T, Option<Waker>>(value) {
        return Some(if waker.is_some() { "a waker" } else { "nobody" }.into());
    }
    if let Some(threads) = as_a::<T, VecDeque<Thread>>(value) {
        let names: Vec<&str> = threads.iter().map(|thread| name(thread.id())).collect();
        return Some(if names.is_empty() { "nobody".into() } else { names.join(", ") });
    }
    let edges = as_a::<T, BTreeSet<(&'static str, &'static str)>>(value)?;
    Some(list(edges.iter().map(|(held, wanted)| format!("{held} before {wanted}")).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_told_by_its_type_and_by_no_other() {
        let told = |value: Option<String>| value.unwrap_or("not told".into());
        assert_eq!(told(words(&true, |_| "A")), "true");
        assert_eq!(told(words(&-3_i64, |_| "A")), "-3");
        assert_eq!(told(words(&-3_i32, |_| "A")), "not told");
        assert_eq!(told(words(&VecDeque::from([7_usize, 8]), |_| "A")), "7, 8");
        assert_eq!(told(words(&None::<Waker>, |_| "A")), "nobody");
        assert_eq!(told(words(&BTreeSet::from([("a", "b")]), |_| "A")), "a before b");
        assert_eq!(told(words(&"a word", |_| "A")), "not told");
    }
}
