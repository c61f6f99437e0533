//! What the limit is made of. The model checker offers the same names.

pub(crate) use std::sync::Arc;
pub(crate) use std::sync::atomic::AtomicUsize;
