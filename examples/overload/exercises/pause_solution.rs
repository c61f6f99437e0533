//! Solution: the greatest pause is capped before a share of it is drawn. That
//! is *full jitter*. In floating point, doubling does not overflow.

/// The pause after so many failures, in milliseconds. `chance` is a number from
/// 0 up to, but not including, 1, drawn anew each time.
pub fn pause_ms(failures: u32, chance: f64) -> f64 {
    let most = 10.0 * 2_f64.powi(failures.min(1_000) as i32 - 1);
    most.min(2_000.0) * chance
}
