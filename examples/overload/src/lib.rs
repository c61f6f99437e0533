//! What the page on overload shares: a server whose capacity is known, a limit
//! on what is in flight, and a watch that Little's law is checked by.

pub mod limit;
pub mod server;
mod sync;
pub mod watch;

/// The time below which such a share of all times lies, in milliseconds.
pub fn quantile_ms(times_ns: &[u64], share: f64) -> f64 {
    let mut ms: Vec<f64> =
        times_ns.iter().map(|time| *time as f64 / 1e6).collect();
    ms.sort_by(f64::total_cmp);
    lab::stats::quantile(&ms, share)
}
