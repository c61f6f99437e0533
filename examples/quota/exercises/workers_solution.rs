//! How many threads to start: no more than the tightest quota on the way to the
//! root has cores, rounded down, and at least one.

/// `limits` are the texts of `cpu.max`, of our own control group, of the one
/// around it, and so on: a quota and a period, or `max` and a period.
pub fn workers(cores: usize, limits: &[&str]) -> usize {
    let allowed = limits.iter().filter_map(|limit| {
        let (quota, period) = limit.trim().split_once(' ')?;
        // `max` is no number: no limit.
        Some(quota.parse::<usize>().ok()? / period.parse::<usize>().ok()?)
    });
    allowed.fold(cores, usize::min).max(1)
}
