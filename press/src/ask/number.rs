//! Numbers as readers see them: with a unit, and no more digits than the interval carries.

use crate::ask::unit::Unit;
use crate::ask::value::Value;

/// A thin space that does not break.
const THIN: char = '\u{202f}';

impl Value {
    /// The median, rounded as its interval allows: `1.98 ×`, `42.6 ms`.
    pub fn text(&self) -> String {
        let e = self.estimate;
        let (scale, unit) = scale(self.unit, e.median);
        let half = (e.high - e.low) / 2.0 * scale;
        // Nothing is counted in fractions, unless the median lies between two counts.
        if self.unit == Unit::Count && e.median.fract() == 0.0 {
            return grouped(e.median, 0);
        }
        with(unit, &round(e.median * scale, half))
    }

    /// Median, low, high and unit as a page writes them, for a script to compare a guess with;
    /// in the unit in which `like` is written, so that one guess serves several machines.
    pub fn parts(&self, like: &Value) -> (f64, f64, f64, &'static str) {
        let e = self.estimate;
        let (scale, unit) = scale(self.unit, like.estimate.median);
        let half = (e.high - e.low) / 2.0 * scale;
        let power = 10_f64.powi(places(e.median * scale, half) as i32);
        ((e.median * scale * power).round() / power, e.low * scale, e.high * scale, unit)
    }

    /// The median, and its interval where that has any width.
    pub fn with_interval(&self) -> String {
        match self.estimate.low == self.estimate.high {
            true => self.text(),
            false => format!("{} ({})", self.text(), self.interval()),
        }
    }

    /// The interval in the same unit: `1.97 to 1.99 ×`.
    pub fn interval(&self) -> String {
        let e = self.estimate;
        let (scale, unit) = scale(self.unit, e.median);
        let half = (e.high - e.low) / 2.0 * scale;
        // One digit more than the median is given with, or its ends would often coincide.
        let places = (places(e.median * scale, half) + 1).min(3);
        let whole = e.low.fract() == 0.0 && e.high.fract() == 0.0 && self.unit == Unit::Count;
        let end = |x: f64| grouped(x * scale, if whole { 0 } else { places });
        format!("{} to {}", end(e.low), with(unit, &end(e.high)))
    }
}

/// A bare number in the unit, for an axis: three significant digits at most.
pub fn axis(unit: Unit, value: f64) -> String {
    let (scale, name) = scale(unit, value);
    let scaled = value * scale;
    // A tick is round: 0.1 and not 0.100.
    let places = (0..places(scaled, 0.0))
        .find(|&n| {
            let power = 10_f64.powi(n as i32);
            ((scaled * power).round() / power - scaled).abs() <= scaled.abs() * 1e-9
        })
        .unwrap_or(places(scaled, 0.0));
    with(name, &grouped(scaled, places))
}

/// What brings a base unit to the unit readers like, and that unit's name.
fn scale(unit: Unit, value: f64) -> (f64, &'static str) {
    let size = value.abs();
    match unit {
        Unit::Seconds if size == 0.0 => (1.0, "s"),
        Unit::Seconds if size < 0.999_5e-6 => (1e9, "ns"),
        Unit::Seconds if size < 0.999_5e-3 => (1e6, "µs"),
        Unit::Seconds if size < 0.999_5 => (1e3, "ms"),
        Unit::Seconds => (1.0, "s"),
        Unit::Bytes if size < 1024.0 => (1.0, "B"),
        Unit::Bytes if size < 1024.0 * 1024.0 => (1.0 / 1024.0, "KiB"),
        Unit::Bytes if size < 1024.0 * 1024.0 * 1024.0 => (1.0 / 1024.0 / 1024.0, "MiB"),
        Unit::Bytes => (1.0 / 1024.0 / 1024.0 / 1024.0, "GiB"),
        Unit::Times => (1.0, "×"),
        Unit::Share => (100.0, "%"),
        Unit::Count => (1.0, ""),
    }
}

fn with(unit: &str, number: &str) -> String {
    if unit.is_empty() { number.to_owned() } else { format!("{number}{THIN}{unit}") }
}

fn round(value: f64, half: f64) -> String {
    grouped(value, places(value, half))
}

/// Digits after the point: as far as half the interval's first digit, and between one and
/// three significant digits in all.
fn places(value: f64, half: f64) -> usize {
    if value == 0.0 {
        return 0;
    }
    if half == 0.0 && value.fract() == 0.0 {
        return 0;
    }
    let first_digit = |x: f64| x.abs().log10().floor() as i32;
    let most = 2 - first_digit(value);
    let least = -first_digit(value);
    let wanted = if half > 0.0 { -first_digit(half) } else { most };
    wanted.clamp(least, most.max(least)).max(0) as usize
}

/// With a thin space between thousands, from five digits on.
fn grouped(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = whole.trim_start_matches('-').len();
    let mut out = String::new();
    for (i, c) in whole.chars().enumerate() {
        let left = whole.len() - i;
        if digits > 4 && c != '-' && left.is_multiple_of(3) && !out.is_empty() && out != "-" {
            out.push(THIN);
        }
        out.push(c);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::stats::Estimate;

    fn text(unit: Unit, median: f64, low: f64, high: f64) -> (String, String) {
        let value = Value { estimate: Estimate { median, low, high, n: 9, sittings: 1 }, unit };
        let plain = |s: String| s.replace(THIN, " ");
        (plain(value.text()), plain(value.interval()))
    }

    #[test]
    fn a_number_has_no_more_digits_than_its_interval_carries() {
        for (unit, median, low, high, says, between) in [
            (Unit::Times, 1.9713, 1.96, 1.98, "1.97 ×", "1.960 to 1.980 ×"),
            (Unit::Times, 1.9713, 1.8, 2.1, "2.0 ×", "1.80 to 2.10 ×"),
            (Unit::Times, 22.48, 22.2, 22.7, "22.5 ×", "22.20 to 22.70 ×"),
            (Unit::Seconds, 0.042_61, 0.042_5, 0.042_8, "42.6 ms", "42.50 to 42.80 ms"),
            (Unit::Seconds, 1.5e-6, 1.2e-6, 3e-6, "1.5 µs", "1.20 to 3.00 µs"),
            (Unit::Seconds, 0.999_96, 0.999, 1.0, "1.000 s", "0.999 to 1.000 s"),
            (Unit::Bytes, 9842.0, 9840.0, 9845.0, "9.61 KiB", "9.609 to 9.614 KiB"),
            (Unit::Share, 1.987, 1.98, 1.99, "199 %", "198.0 to 199.0 %"),
            (Unit::Count, 16_369.0, 16_369.0, 16_369.0, "16 369", "16 369 to 16 369"),
            (Unit::Count, 3.0, 3.0, 3.0, "3", "3 to 3"),
            (Unit::Count, 0.0, 0.0, 0.0, "0", "0 to 0"),
        ] {
            assert_eq!(text(unit, median, low, high), (says.into(), between.into()));
        }
    }
}
