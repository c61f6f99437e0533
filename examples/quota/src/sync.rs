//! What the barrier is made of. The model check in `model/` puts loom's here.

pub(crate) use std::hint::spin_loop;
pub(crate) use std::sync::atomic::AtomicUsize;
pub(crate) use std::sync::{Condvar, Mutex};
pub(crate) use std::thread::yield_now;
