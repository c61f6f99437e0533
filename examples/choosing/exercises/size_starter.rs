//! How many threads does a pool need whose jobs compute and wait? Two for each
//! core, and one more, is what many take.

/// As many as are under way, if none ever stands in line.
pub fn threads(_cpu_ns: f64, _wait_ns: f64, cores: u32) -> u32 {
    2 * cores + 1
}
