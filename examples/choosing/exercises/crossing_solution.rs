//! From which value on is one model ahead of another? The gap is halved until
//! it is small, and by ratios: what is small is looked at as closely.

/// The value between two at which `is_ahead` becomes true, to a hundredth of
/// it; `None` where it does not, or is true from the start.
pub fn crossing(
    least: f64,
    most: f64,
    is_ahead: impl Fn(f64) -> bool,
) -> Option<f64> {
    let (mut behind, mut ahead) = (least, most);
    if is_ahead(behind) || !is_ahead(ahead) {
        return None;
    }
    while ahead / behind > 1.01 {
        let middle = (behind * ahead).sqrt();
        match is_ahead(middle) {
            true => ahead = middle,
            false => behind = middle,
        }
    }
    Some(ahead)
}
