//! From which value on is one model ahead of another? Here a hundred values are
//! tried, as far from each other: if the answer is small, they all miss it.

/// The value between two at which `is_ahead` becomes true, to a hundredth of
/// it; `None` where it does not, or is true from the start.
pub fn crossing(
    least: f64,
    most: f64,
    is_ahead: impl Fn(f64) -> bool,
) -> Option<f64> {
    let step = (most - least) / 100.0;
    let mut values = (0..=100).map(|i| least + step * f64::from(i));
    values.find(|value| is_ahead(*value))
}
