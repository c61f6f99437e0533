//! Numbers in words, the same in a terminal, on a page and in a browser.

/// A duration, in the unit that suits it: `12.3 ms`.
pub fn time(ns: f64) -> String {
    let units =
        [("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("min", 6e10), ("h", 3.6e12)];
    in_units(ns, "ns", &units)
}

/// A size: `1.5 MB`.
pub fn bytes(bytes: f64) -> String {
    in_units(bytes, "B", &[("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12)])
}

/// A count, with thin gaps between its thousands: `10 000`, or `0.5`.
pub fn count(value: f64) -> String {
    let text = three_digits(value);
    let (whole, part) = match text.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (text.as_str(), None),
    };
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        let left = whole.len() - i;
        if i > 0 && left.is_multiple_of(3) && whole.len() > 4 {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    part.map_or(grouped.clone(), |part| format!("{grouped}.{part}"))
}

/// The largest unit of which there is one at least, after rounding.
fn in_units(value: f64, least: &str, units: &[(&str, f64)]) -> String {
    let fits = |&&(_, size): &&(&str, f64)| value >= size * 0.9995;
    match units.iter().rev().find(fits) {
        Some((unit, size)) => format!("{} {unit}", three_digits(value / size)),
        None => format!("{} {least}", three_digits(value)),
    }
}

/// Three digits that count, or all those before the point.
fn three_digits(value: f64) -> String {
    let places = match value.abs() {
        v if v >= 99.95 => 0,
        v if v >= 9.995 => 1,
        _ => 2,
    };
    let text = format!("{value:.places$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_three_digits_that_count_and_the_unit_that_suits_it() {
        for (ns, said) in [
            (0.0, "0 ns"),
            (3.256, "3.26 ns"),
            (12_345.0, "12.3 µs"),
            (999_900.0, "1 ms"),
            (1.5e9, "1.5 s"),
            (120e9, "2 min"),
            (7.2e12, "2 h"),
        ] {
            assert_eq!(time(ns), said);
        }
        assert_eq!(bytes(1500.0), "1.5 kB");
        assert_eq!(bytes(12.0), "12 B");
        assert_eq!(count(1000.0), "1000");
        assert_eq!(count(0.5), "0.5");
        assert_eq!(count(1_234_567.0), "1\u{202f}234\u{202f}567");
    }
}
