//! Where [`ready`](crate::ready) has its lock and its flag from. The model of
//! it, `tests/model.rs`, has a file of this name with loom's in their place.

pub(crate) use std::sync::Mutex;
pub(crate) use std::sync::atomic::{AtomicBool, Ordering};
