//! Units: what numbers are numbers of, and how a unit is written.

use anyhow::{Result, anyhow, bail};

/// What a number is a number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// A ratio, written with ×.
    Times,
    /// A share of one core, as a fraction.
    Share,
    /// A count.
    Count,
}

/// A unit as it is written, and what brings it to its base.
struct Written {
    /// After a threshold: `20 ms`.
    after: &'static str,
    /// At the end of a metric's name: `start_up_us`.
    suffix: &'static str,
    unit: Unit,
    scale: f64,
}

const fn written(after: &'static str, suffix: &'static str, unit: Unit, scale: f64) -> Written {
    Written { after, suffix, unit, scale }
}

const UNITS: [Written; 11] = [
    written("ns", "ns", Unit::Seconds, 1e-9),
    written("µs", "us", Unit::Seconds, 1e-6),
    written("us", "us", Unit::Seconds, 1e-6),
    written("ms", "ms", Unit::Seconds, 1e-3),
    written("s", "s", Unit::Seconds, 1.0),
    written("B", "bytes", Unit::Bytes, 1.0),
    written("KiB", "", Unit::Bytes, 1024.0),
    written("MiB", "", Unit::Bytes, 1024.0 * 1024.0),
    written("%", "", Unit::Share, 0.01),
    written("", "share", Unit::Share, 1.0),
    written("×", "", Unit::Times, 1.0),
];

/// A metric's name without the unit at its end, that unit, and what brings it to the base; a
/// name without a unit is of a count.
pub fn of_metric(name: &str) -> (&str, Unit, f64) {
    let suffixed = name.rsplit_once('_').and_then(|(stem, suffix)| {
        let known = UNITS.iter().find(|known| known.suffix == suffix && !suffix.is_empty())?;
        Some((stem, known.unit, known.scale))
    });
    suffixed.unwrap_or((name, Unit::Count, 1.0))
}

/// Reads `1.5`, `20 ms`, `64 KiB`, `150 %`; the number is in the unit's base.
///
/// # Errors
/// When it is not a number, or its unit is not one of these.
pub fn quantity(text: &str) -> Result<(f64, Option<Unit>)> {
    let text = text.trim();
    let end =
        text.find(|c: char| c.is_alphabetic() || c == '%' || c == '×').unwrap_or(text.len());
    let number: f64 = text[..end]
        .trim()
        .parse()
        .map_err(|_| anyhow!("`{text}` is not a number with a unit we know"))?;
    let unit = text[end..].trim();
    if unit.is_empty() {
        return Ok((number, None));
    }
    match UNITS.iter().find(|known| known.after == unit) {
        Some(known) => Ok((number * known.scale, Some(known.unit))),
        None => bail!("`{unit}` is not a unit we know (ns, µs, ms, s, B, KiB, MiB, %, ×)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metrics_name_ends_in_its_unit_or_counts() {
        assert_eq!(of_metric("start_up_us"), ("start_up", Unit::Seconds, 1e-6));
        assert_eq!(of_metric("stack_bytes"), ("stack", Unit::Bytes, 1.0));
        assert_eq!(of_metric("woken_up"), ("woken_up", Unit::Count, 1.0));
        assert_eq!(of_metric("lost_"), ("lost_", Unit::Count, 1.0));
        assert_eq!(of_metric("ns"), ("ns", Unit::Count, 1.0));
    }

    #[test]
    fn a_threshold_is_read_in_its_unit() {
        assert_eq!(quantity(" 20 ms ").unwrap(), (0.02, Some(Unit::Seconds)));
        assert_eq!(quantity("64KiB").unwrap(), (65_536.0, Some(Unit::Bytes)));
        assert_eq!(quantity("150 %").unwrap(), (1.5, Some(Unit::Share)));
        assert_eq!(quantity("1.5").unwrap(), (1.5, None));
        assert!(quantity("5 parsecs").unwrap_err().to_string().contains("`parsecs` is not a"));
        assert!(quantity("soon").unwrap_err().to_string().contains("is not a number"));
    }
}
