//! Parts that are wrong on purpose; each file says how.

pub mod party_quiet;
