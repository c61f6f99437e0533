//! What [`pair`](crate::pair) is made of; in `model/` it is made of loom's.

pub(crate) use std::sync::atomic::AtomicI64;
pub(crate) use std::sync::atomic::Ordering::Relaxed;
pub(crate) use std::sync::{Mutex, MutexGuard};
