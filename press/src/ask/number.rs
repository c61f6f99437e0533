//! Numbers as readers see them: with a unit, and no more digits than the interval carries.
//!
//! A median and the ends of its interval have the same number of digits. The median is
//! rounded to the nearest, the ends outward, so that what lies inside is never printed outside.
//! Of two numbers side by side, the smaller may have to show a digit more than that, lest it be
//! printed as the greater.

use crate::ask::unit::Unit;
use crate::ask::value::Value;

/// A thin space that does not break.
const THIN: char = '\u{202f}';

/// Where a number that is written goes when it has more digits than are shown.
#[derive(Clone, Copy)]
enum To {
    Nearest,
    Below,
    Above,
}

impl Value {
    /// The median, rounded as its interval allows: `1.98 ×`, `42.6 ms`.
    pub fn text(&self) -> String {
        self.text_with(0)
    }

    /// The same with so many digits more.
    pub fn text_with(&self, more: usize) -> String {
        let (scale, unit, places) = self.written(self);
        with(unit, &number(self.estimate.median * scale, places + more, To::Nearest))
    }

    /// Median, low, high and unit as a page writes them, for a script to compare a guess with;
    /// in the unit in which `like` is written, so that one guess serves several machines.
    pub fn parts(&self, like: &Value) -> (f64, f64, f64, &'static str) {
        let e = self.estimate;
        let (scale, unit, places) = self.written(like);
        let part = |x: f64, to: To| rounded(x * scale, places, to);
        (part(e.median, To::Nearest), part(e.low, To::Below), part(e.high, To::Above), unit)
    }

    /// The median, and its interval where that has any width.
    pub fn with_interval(&self) -> String {
        match self.estimate.low == self.estimate.high {
            true => self.text(),
            false => format!("{} ({})", self.text(), self.interval()),
        }
    }

    /// The interval in the same unit, with as many digits: `1.97 to 1.99 ×`.
    pub fn interval(&self) -> String {
        self.interval_with(0)
    }

    /// The same with so many digits more.
    pub fn interval_with(&self, more: usize) -> String {
        let (scale, unit, places) = self.written(self);
        let end = |x: f64, to: To| number(x * scale, places + more, to);
        let (low, high) = (self.estimate.low, self.estimate.high);
        format!("{} to {}", end(low, To::Below), with(unit, &end(high, To::Above)))
    }

    /// What brings it to the unit in which `like` is written, that unit's name, and how many
    /// digits stand after the point.
    fn written(&self, like: &Value) -> (f64, &'static str, usize) {
        let e = self.estimate;
        let (scale, unit) = scale(self.unit, like.size());
        // Nothing is counted in fractions, unless the median lies between two counts, or whole
        // ends would make a narrow interval seem a wide one: 1 (0 to 2) of 1.00 to 1.01.
        let is_whole = |x: f64| x.fract() == 0.0;
        let is_narrow = e.high - e.low < 1.0 && !(is_whole(e.low) && is_whole(e.high));
        if self.unit == Unit::Count && is_whole(e.median) && !is_narrow {
            return (scale, unit, 0);
        }
        (scale, unit, places(self.size() * scale, (e.high - e.low) / 2.0 * scale))
    }

    /// What its unit and its digits go by: of a median of zero, how far the interval reaches.
    fn size(&self) -> f64 {
        let e = self.estimate;
        if e.median == 0.0 { e.low.abs().max(e.high.abs()) } else { e.median }
    }
}

/// How many digits more each of some numbers needs, so that of no two in one unit the smaller
/// is printed as the greater: 3.6 ms beside 3.97 ms, and not 4 ms.
pub fn finer(values: &[Value]) -> Vec<usize> {
    let mut more = vec![0; values.len()];
    // As it is printed, in the unit's base, and what its last digit is worth there.
    let printed = |i: usize, more: usize| {
        let (scale, _, places) = values[i].written(&values[i]);
        let places = places + more;
        let shown = rounded(values[i].estimate.median * scale, places, To::Nearest) / scale;
        (shown, 10_f64.powi(-(places as i32)) / scale)
    };
    let pairs = (0..values.len()).flat_map(|i| (0..values.len()).map(move |j| (i, j)));
    let pairs: Vec<(usize, usize)> = pairs
        .filter(|&(i, j)| {
            let (a, b) = (&values[i], &values[j]);
            a.unit == b.unit && a.estimate.median < b.estimate.median
        })
        .collect();
    // Each turn adds a digit to one, and with as many digits no two change places.
    loop {
        let coarser = pairs.iter().find_map(|&(i, j)| {
            let ((small, step), (great, other)) = (printed(i, more[i]), printed(j, more[j]));
            let is_wrong = small > great && small - great > great.abs() * 1e-9;
            is_wrong.then_some(if step > other { i } else { j })
        });
        match coarser {
            Some(i) if more[i] < 9 => more[i] += 1,
            _ => return more,
        }
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

/// With so many digits after the point; nothing is just nothing.
fn number(value: f64, places: usize, to: To) -> String {
    match rounded(value, places, to) {
        0.0 => "0".to_owned(),
        number => grouped(number, places),
    }
}

fn rounded(value: f64, places: usize, to: To) -> f64 {
    let power = 10_f64.powi(places as i32);
    let scaled = value * power;
    let nearest = scaled.round();
    // What is computed may differ from a round number in a last digit, and is not moved by it.
    let is_round = (scaled - nearest).abs() <= nearest.abs() * 1e-9;
    let whole = match to {
        To::Below if !is_round => scaled.floor(),
        To::Above if !is_round => scaled.ceil(),
        _ => nearest,
    };
    // There is no zero below zero.
    whole / power + 0.0
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
    use proptest::prelude::*;

    fn value(unit: Unit, median: f64, low: f64, high: f64) -> Value {
        Value { estimate: Estimate { median, low, high, n: 9, sittings: 1 }, unit }
    }

    fn text(unit: Unit, median: f64, low: f64, high: f64) -> (String, String) {
        let value = value(unit, median, low, high);
        let plain = |s: String| s.replace(THIN, " ");
        (plain(value.text()), plain(value.interval()))
    }

    #[test]
    fn a_number_has_no_more_digits_than_its_interval_carries() {
        for (unit, median, low, high, says, between) in [
            (Unit::Times, 1.9713, 1.96, 1.98, "1.97 ×", "1.96 to 1.98 ×"),
            (Unit::Times, 1.9713, 1.8, 2.1, "2.0 ×", "1.8 to 2.1 ×"),
            (Unit::Times, 22.48, 22.2, 22.7, "22.5 ×", "22.2 to 22.7 ×"),
            (Unit::Seconds, 0.042_61, 0.042_5, 0.042_8, "42.6 ms", "42.5 to 42.8 ms"),
            (Unit::Seconds, 1.5e-6, 1.2e-6, 3e-6, "1.5 µs", "1.2 to 3.0 µs"),
            (Unit::Seconds, 0.999_96, 0.999, 1.0, "1.000 s", "0.999 to 1.000 s"),
            (Unit::Bytes, 9842.0, 9840.0, 9845.0, "9.61 KiB", "9.60 to 9.62 KiB"),
            (Unit::Share, 1.987, 1.98, 1.99, "199 %", "198 to 199 %"),
            (Unit::Count, 16_369.0, 16_369.0, 16_369.0, "16 369", "16 369 to 16 369"),
            (Unit::Count, 3.0, 3.0, 3.0, "3", "3 to 3"),
            (Unit::Count, 3.0, 2.6, 4.2, "3", "2 to 5"),
            (Unit::Count, 0.0, 0.0, 0.0, "0", "0 to 0"),
            (Unit::Seconds, 0.0, 0.0, 0.0, "0 s", "0 to 0 s"),
            (Unit::Seconds, 0.0, -2e-6, 31e-6, "0 µs", "-2 to 31 µs"),
            (Unit::Share, 0.0, 0.0, 0.000_3, "0 %", "0 to 0.03 %"),
            // The ends go outward.
            (Unit::Times, 1.9772, 1.958, 1.996, "1.98 ×", "1.95 to 2.00 ×"),
            (Unit::Times, 1.96, 1.84, 1.996, "1.96 ×", "1.84 to 2.00 ×"),
            (Unit::Seconds, 0.098_15, 0.098_12, 0.098_18, "98.2 ms", "98.1 to 98.2 ms"),
            (Unit::Seconds, 0.1, 0.1, 0.1, "100 ms", "100 to 100 ms"),
        ] {
            assert_eq!(text(unit, median, low, high), (says.into(), between.into()));
        }
    }

    #[test]
    fn a_number_shows_a_digit_more_beside_one_that_it_would_overtake() {
        let median = value(Unit::Seconds, 3.62e-3, 1e-3, 9e-3);
        let worst = value(Unit::Seconds, 3.97e-3, 3.96e-3, 3.98e-3);
        assert_eq!(text(Unit::Seconds, 3.62e-3, 1e-3, 9e-3).0, "4 ms");
        assert_eq!(finer(&[median, worst]), [1, 0]);
        assert_eq!(median.text_with(1), "3.6\u{202f}ms");
        assert_eq!(median.interval_with(1), "1.0 to 9.0\u{202f}ms");
        // Not by what it is equal to, nor by another unit's.
        assert_eq!(finer(&[worst, worst]), [0, 0]);
        assert_eq!(finer(&[median, value(Unit::Times, 3.97e-3, 3.9e-3, 4e-3)]), [0, 0]);
    }

    /// What a page says, read back: number, digits after the point, and unit.
    fn read(text: &str) -> (f64, usize, String) {
        let is_of_number = |c: char| c.is_ascii_digit() || ".-".contains(c);
        // Between thousands, and before the unit.
        let parts: Vec<&str> = text.split(THIN).collect();
        let (number, unit): (Vec<&str>, Vec<&str>) =
            parts.into_iter().partition(|part| part.chars().all(is_of_number));
        let number = number.concat();
        let digits = number.split_once('.').map_or(0, |(_, digits)| digits.len());
        (number.parse().unwrap(), digits, unit.concat())
    }

    /// Sizes from those of nanoseconds to those of gibibytes, and none.
    fn sizes() -> impl Strategy<Value = f64> {
        prop_oneof![
            1 => Just(0.0),
            4 => (0..20_u32).prop_map(f64::from),
            9 => (-12.0..12.0_f64, any::<bool>())
                .prop_map(|(power, below)| 10_f64.powf(power) * if below { -1.0 } else { 1.0 }),
        ]
    }

    fn values() -> impl Strategy<Value = Value> {
        let units = [Unit::Seconds, Unit::Bytes, Unit::Times, Unit::Share, Unit::Count];
        // Wide ones, and such as are nothing beside the median.
        let spread = || prop_oneof![Just(0.0), -12.0..1.0_f64];
        let near = (sizes(), spread(), spread()).prop_map(|(median, below, above)| {
            let away = |power: f64| if power == 0.0 { 0.0 } else { 10_f64.powf(power) };
            [median - median.abs() * away(below), median, median + median.abs() * away(above)]
        });
        let ends = prop_oneof![[sizes(), sizes(), sizes()], near];
        (prop::sample::select(units.to_vec()), ends).prop_map(|(unit, mut ends)| {
            ends.sort_by(f64::total_cmp);
            value(unit, ends[1], ends[0], ends[2])
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4000, ..<_>::default() })]

        #[test]
        fn no_number_lies_outside_its_interval_as_they_are_printed(value in values()) {
            let (low, high) = value.interval().split_once(" to ").map(|(low, high)| {
                (read(low), read(high))
            }).unwrap();
            let median = read(&value.text());
            prop_assert!(low.0 <= median.0 && median.0 <= high.0, "{value:?}");
            prop_assert_eq!(&median.2, &high.2);
            // In one precision, but that nothing has no digits.
            for one in [&low, &high] {
                prop_assert!(one.1 == median.1 || one.0 == 0.0 || median.0 == 0.0, "{value:?}");
            }
            // And the ends hold what was measured between them.
            let e = value.estimate;
            let (scale, _) = scale(value.unit, value.size());
            let is_within = |a: f64, b: f64| a <= b + b.abs() * 1e-8;
            prop_assert!(is_within(low.0, e.low * scale), "{value:?}");
            prop_assert!(is_within(e.high * scale, high.0), "{value:?}");
            // A script gets the same.
            prop_assert_eq!(value.parts(&value).0, median.0);
            prop_assert_eq!((value.parts(&value).1, value.parts(&value).2), (low.0, high.0));
        }

        #[test]
        fn of_two_numbers_side_by_side_the_smaller_is_not_printed_as_the_greater(
            values in prop::collection::vec(values(), 2..5),
            near in 0.9..1.1_f64,
        ) {
            // Often such as differ by less than they are sure.
            let mut values = values;
            values[1] = Value { estimate: Estimate {
                median: values[0].estimate.median * near,
                low: values[0].estimate.median.min(0.0) * 2.0,
                high: values[0].estimate.median.max(0.0) * 2.0,
                ..values[0].estimate
            }, ..values[0] };
            let more = finer(&values);
            let base = |value: &Value, more: usize| {
                let (scale, _) = scale(value.unit, value.size());
                read(&value.text_with(more)).0 / scale
            };
            for (a, more_a) in values.iter().zip(&more) {
                for (b, more_b) in values.iter().zip(&more) {
                    if a.unit == b.unit && a.estimate.median < b.estimate.median {
                        let (small, great) = (base(a, *more_a), base(b, *more_b));
                        prop_assert!(small <= great + great.abs() * 1e-9, "{a:?} {b:?}");
                    }
                }
            }
        }

        #[test]
        fn what_was_nothing_is_printed_as_nothing_and_nothing_else_is(value in values()) {
            prop_assert_eq!(read(&value.text()).0 == 0.0, value.estimate.median == 0.0);
        }
    }
}
