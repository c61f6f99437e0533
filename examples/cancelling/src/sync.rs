//! Where the parts below have their lock from. In `model/` loom's is in its
//! place.

pub(crate) use std::sync::Mutex;
