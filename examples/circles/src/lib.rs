//! What the examples of this page share: how to see that a process is stuck,
//! a forked child, and parts of our own.
//!
//! `fair`, `party`, `slots` and `attached` are compiled twice: here, and in
//! `model/`, with a model checker's locks.

pub mod attached;
#[path = "../broken/mod.rs"]
pub mod broken;
pub mod fair;
#[cfg(unix)]
pub mod fork;
pub mod party;
pub mod slots;
mod sync;
pub mod watch;
