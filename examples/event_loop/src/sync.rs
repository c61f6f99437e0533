//! Where [`ready`](crate::ready) has its lock and its flag from. In
//! `model/` loom's are in their place.

pub(crate) use std::sync::Mutex;
pub(crate) use std::sync::atomic::{AtomicBool, Ordering};
