//! Locks and channels of our own, versions side by side.
//!
//! Each file is compiled twice: here, with the standard library's atomics and
//! threads, and in `model/`, with those of a model checker.

#[path = "../broken/mod.rs"]
pub mod broken;
pub mod order;
pub mod park;
pub mod queue;
pub mod ring;
pub mod spin;
mod sync;
