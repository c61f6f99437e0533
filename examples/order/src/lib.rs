//! Litmus tests and the harness that tries them, and stacks without a lock.
//!
//! `litmus`, `tagged` and what is in `broken/` are compiled twice: here, with
//! the standard library's atomics, and in `model/`, with a model checker's.

#[path = "../broken/mod.rs"]
pub mod broken;
pub mod epoch;
pub mod harness;
pub mod litmus;
pub mod ring;
mod sync;
pub mod tagged;
