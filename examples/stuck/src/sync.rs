//! What the parts are made of. The model check in `model/` puts loom's here.

pub(crate) use std::sync::{Arc, Condvar, Mutex};
pub(crate) use std::thread::spawn;
