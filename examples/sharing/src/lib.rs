//! Locks and channels of our own, versions side by side.
//!
//! Each file is compiled twice: here, with the standard library's atomics and
//! threads, and in `examples/sharing_model`, with those of a model checker.

pub mod broken_check;
pub mod broken_order;
pub mod broken_wake;
pub mod order;
pub mod park;
pub mod queue;
pub mod ring;
pub mod spin;
mod sync;
