//! Exercise: how long until the next attempt?
//!
//! After the first failure 10 ms, then twice as long each time. As it is here,
//! all who failed together come again together, and the hundredth attempt
//! overflows. Change it so that a pause is drawn by chance between nothing and
//! the doubled one, and that one is at most 2 s.

/// The pause after so many failures, in milliseconds. `chance` is a number from
/// 0 up to, but not including, 1, drawn anew each time.
pub fn pause_ms(failures: u32, chance: f64) -> f64 {
    let _ = chance;
    f64::from(10 * 2_u32.pow(failures - 1))
}
