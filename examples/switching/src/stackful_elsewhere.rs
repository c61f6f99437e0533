//! Nobody has written the switch for this platform. Windows, for one, keeps
//! the bounds of the stack where a switch would have to change them too.

use std::convert::Infallible;
use std::io;

/// What a coroutine is doing, as seen by its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It has not begun.
    New,
    /// It can be resumed.
    Suspended,
    /// Its body returned, or panicked.
    Done,
}

/// There is none on this platform.
#[derive(Debug)]
pub struct Yielder(Infallible);

/// There is none on this platform.
#[derive(Debug)]
pub struct Coroutine(Infallible);

impl Yielder {
    /// Never called.
    pub fn suspend(&self) {
        match self.0 {}
    }
}

impl Coroutine {
    /// # Errors
    /// Always.
    pub fn new(
        _stack_size: usize,
        _body: impl FnOnce(&Yielder) + 'static,
    ) -> io::Result<Coroutine> {
        let said = "no stackful switch is written for this platform";
        Err(io::Error::new(io::ErrorKind::Unsupported, said))
    }

    /// Never called.
    pub fn resume(&mut self) -> State {
        match self.0 {}
    }

    /// Never called.
    pub fn state(&self) -> State {
        match self.0 {}
    }
}
