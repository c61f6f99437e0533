//! How many threads does a pool need whose jobs compute and wait? By Little's
//! law as many as are under way: the rate, times how long one stays. The rate
//! that keeps all cores busy is so many cores, over what one computes.

/// As many as are under way, if none ever stands in line.
pub fn threads(cpu_ns: f64, wait_ns: f64, cores: u32) -> u32 {
    let rate = f64::from(cores) / cpu_ns;
    (rate * (cpu_ns + wait_ns)).ceil() as u32
}
