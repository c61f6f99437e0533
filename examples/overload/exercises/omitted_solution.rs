//! Solution: each time is counted once more for each request that was due
//! meanwhile. HdrHistogram does this by its name
//! `copyCorrectedForCoordinatedOmission`.

/// What was measured, in milliseconds, and what should have been.
pub fn with_omitted(times: &[u64], every: u64) -> Vec<u64> {
    let mut all = Vec::new();
    for time in times {
        let mut left = *time;
        all.push(left);
        while left > every {
            left -= every;
            all.push(left);
        }
    }
    all
}
