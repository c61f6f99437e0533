//! What the chapter's programs share: the ills, the tools that look at them,
//! and a wrapper for futures that keeps count of their polls.

pub mod ills;
pub mod look;
pub mod polls;
mod quota;
pub mod tool;
