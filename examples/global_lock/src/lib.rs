//! A small interpreter with counted references, and four ways to let its
//! threads run.
//!
//! Read in this order: [`program`] is what it runs, [`object`] what it counts,
//! [`machine`] how it runs, [`lock`] the global lock, [`arrangement`] the four
//! ways.
//!
//! A real interpreter has functions, exceptions and a compiler. This one has
//! whole numbers, lists and an assembler.

pub mod arrangement;
pub mod lock;
pub mod machine;
pub mod object;
pub mod program;

/// What the lock is made of. The model check in `model/` puts a stand-in here.
mod sync {
    pub(crate) use std::sync::atomic::{AtomicBool, Ordering};
    pub(crate) use std::sync::{Condvar, Mutex};
}
