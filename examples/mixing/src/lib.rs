//! What the page on mixing shares: a request that computes and waits, the
//! arrangements that serve it, who sends it, and one interface for pools.

pub mod job;
pub mod load;
pub mod pools;
pub mod service;
