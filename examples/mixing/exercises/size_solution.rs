//! How many threads should serve requests that compute and wait? By Little's
//! law: the rate that the cores allow, times how long one takes.

use std::time::Duration;

/// So many threads keep all cores busy. But no more than the database takes
/// connections, if each thread needs one.
pub fn threads(
    cores: usize,
    compute: Duration,
    wait: Duration,
    connections: Option<usize>,
) -> usize {
    let most = connections.unwrap_or(usize::MAX).max(1);
    if compute.is_zero() {
        // Nothing keeps a core busy: whatever the connections allow.
        return connections.map_or(cores, |_| most);
    }
    let rate = cores as f64 / compute.as_secs_f64();
    let in_service = rate * (compute + wait).as_secs_f64();
    // Floating point may say 42.000…1; a thread too many costs little, but
    // 43 would puzzle whoever reads it.
    ((in_service - 1e-6).ceil() as usize).min(most)
}
