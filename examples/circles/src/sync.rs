//! What our parts are made of. The model checker offers the same names.

pub(crate) use std::sync::{Arc, Condvar, Mutex, MutexGuard};
