//! Exercise 3, solved: who waits for the extension's lock has let the global
//! one go.

use super::attached::{Attached, Interpreter};
use super::sync::Mutex;

/// What the extension has stored.
#[derive(Default)]
pub struct Store {
    values: Mutex<Vec<u32>>,
}

impl Store {
    /// Called by the interpreter, so its thread is attached.
    pub fn store(&self, python: &mut Attached<'_>, value: u32) {
        python.detach(|| self.values.lock().unwrap().push(value));
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
