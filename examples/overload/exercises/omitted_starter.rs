//! Exercise: what was left out?
//!
//! A load generator meant to ask every `every` milliseconds, but waited for
//! each answer. Where one took longer than that, others should have been asked
//! meanwhile, and would have waited for the rest of it. Change it so that these
//! are added: beside an answer after 35 ms, where one is due each 10, there
//! would have been some after 25, 15 and 5 ms.

/// What was measured, in milliseconds, and what should have been.
pub fn with_omitted(times: &[u64], every: u64) -> Vec<u64> {
    let _ = every;
    times.to_vec()
}
