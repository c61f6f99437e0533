//! Exercise 3: an extension has a lock of its own around what it has stored.
//! One of its functions is called with the global lock, another calls back into
//! the interpreter. Now and then both wait. Mend `store`.

use super::attached::{Attached, Interpreter};
use super::sync::Mutex;

/// What the extension has stored.
#[derive(Default)]
pub struct Store {
    values: Mutex<Vec<u32>>,
}

impl Store {
    /// Called by the interpreter, so its thread is attached.
    pub fn store(&self, _python: &mut Attached<'_>, value: u32) {
        self.values.lock().unwrap().push(value);
    }

    /// Called by a thread of the extension's own, which is not. Asks the
    /// interpreter about each value, and keeps those that it likes.
    pub fn retain(
        &self,
        interpreter: &Interpreter,
        likes: impl Fn(&mut Attached<'_>, u32) -> bool,
    ) {
        let ask = |value| interpreter.attach(|python| likes(python, value));
        self.values.lock().unwrap().retain(|value| ask(*value));
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.values.lock().unwrap().len()
    }
}
