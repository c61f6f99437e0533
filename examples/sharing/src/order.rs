//! A lock that notes in which order locks are taken, and refuses the order that
//! could end in a deadlock, whether or not it does this time.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Mutex;

/// A lock with a name. Two locks of one name count as one.
pub struct Ordered<T> {
    name: &'static str,
    lock: Mutex<T>,
}

/// Somewhere these two were taken in the other order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongOrder {
    /// The lock that is held.
    pub held: &'static str,
    /// The lock that was asked for.
    pub wanted: &'static str,
}

impl<T> Ordered<T> {
    /// A lock that is free.
    pub fn new(name: &'static str, value: T) -> Ordered<T> {
        Ordered { name, lock: Mutex::new(value) }
    }
}

// ANCHOR: order
thread_local! {
    /// The locks that this thread holds.
    static HELD: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// `(a, b)`: some thread asked for b while it held a.
static SEEN: Mutex<BTreeSet<(&str, &str)>> = Mutex::new(BTreeSet::new());

impl<T> Ordered<T> {
    /// Runs `work` on the value, or says why that could deadlock.
    pub fn with<R>(
        &self,
        work: impl FnOnce(&mut T) -> R,
    ) -> Result<R, WrongOrder> {
        let held = HELD.with_borrow(|held| held.clone());
        {
            let mut seen = SEEN.lock().unwrap();
            if let Some(held) =
                held.iter().find(|held| leads(&seen, self.name, held))
            {
                return Err(WrongOrder { held, wanted: self.name });
            }
            seen.extend(held.into_iter().map(|held| (held, self.name)));
        }
        let mut value = self.lock.lock().unwrap();
        let _noted = Noted::push(self.name);
        Ok(work(&mut value))
    }
}

/// A name on the list of what is held. Dropped, also by a panic, it is gone.
struct Noted;

impl Noted {
    fn push(name: &'static str) -> Noted {
        HELD.with_borrow_mut(|held| held.push(name));
        Noted
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        HELD.with_borrow_mut(|held| held.pop());
    }
}

/// Whether `to` was ever taken under `from`, directly or by way of others.
fn leads(seen: &BTreeSet<(&str, &str)>, from: &str, to: &str) -> bool {
    from == to || seen.iter().any(|&(a, b)| a == from && leads(seen, b, to))
}
// ANCHOR_END: order
