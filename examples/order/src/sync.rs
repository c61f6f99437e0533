//! What litmus tests and stacks are made of. The model checker offers the same
//! names.

pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, fence};
