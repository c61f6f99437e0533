//! A global lock, as code beside the interpreter sees it: a thread is attached
//! while it has the lock, and may detach to wait.

use crate::sync::{Mutex, MutexGuard};

/// One at a time is attached.
#[derive(Default)]
pub struct Interpreter(Mutex<()>);

/// The thread has the global lock.
pub struct Attached<'a> {
    interpreter: &'a Interpreter,
    lock: Option<MutexGuard<'a, ()>>,
}

impl Interpreter {
    /// Waits for the global lock, and runs `work` under it.
    pub fn attach<R>(&self, work: impl FnOnce(&mut Attached<'_>) -> R) -> R {
        let lock = Some(self.0.lock().unwrap());
        work(&mut Attached { interpreter: self, lock })
    }
}

impl Attached<'_> {
    /// Lets the global lock go while `work` runs.
    pub fn detach<R>(&mut self, work: impl FnOnce() -> R) -> R {
        self.lock = None;
        let answer = work();
        self.lock = Some(self.interpreter.0.lock().unwrap());
        answer
    }
}
