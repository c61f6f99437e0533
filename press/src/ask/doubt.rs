//! What makes a record doubtful.

use crate::ask::unit::Unit;
use crate::ask::value::Value;
use crate::store::record::{Record, Warning};

/// A number that is known no better than this, as a share of itself, is called unstable.
const UNSTABLE: f64 = 0.10;

/// How many numbers a warning names.
const NAMED: usize = 3;

/// What the sittings warn of, and which of the numbers that a figure `shows`, by name, are not
/// well known after all of them. Only times and ratios of times are asked: a count such as
/// that of lost additions may vary by its nature.
pub fn warnings(record: &Record, shows: &[(String, Value)]) -> Vec<Warning> {
    let mut all = record.warnings();
    if record.sittings.len() > 1 && !record.quick {
        all.extend(unstable(record, shows));
    }
    all
}

fn unstable(record: &Record, shows: &[(String, Value)]) -> Option<Warning> {
    let mut wide: Vec<(f64, &str)> = shows
        .iter()
        .filter(|(_, value)| matches!(value.unit, Unit::Seconds | Unit::Times))
        .map(|(name, value)| (value.estimate.relative_error(), name.as_str()))
        .filter(|(error, _)| *error > UNSTABLE)
        .collect();
    if wide.is_empty() {
        return None;
    }
    wide.sort_by(|a, b| b.0.total_cmp(&a.0));
    let named: Vec<String> = wide
        .iter()
        .take(NAMED)
        .map(|(error, id)| format!("{id} by {:.0} %", error * 100.0))
        .collect();
    let more = match wide.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let text = format!(
        "the sittings differ, so that this is known to no more than: {}{more}; more sittings \
         (`cargo book measure {} --add`) narrow it",
        named.join(", "),
        record.experiment
    );
    Some(Warning::new("unstable", text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::metric::Metric;
    use crate::ask::value::value;
    use crate::store::record::tests::demo;

    fn of_three_sittings() -> Record {
        let mut record = demo();
        for _ in 0..2 {
            record.add(demo()).unwrap();
        }
        record
    }

    fn shown(record: &Record, metric: Metric) -> Vec<(String, Value)> {
        let of = |variant: &_| value(record, variant, &metric).unwrap();
        record.variants.iter().map(|variant| (variant.id(), of(variant))).collect()
    }

    #[test]
    fn sittings_that_differ_make_a_time_unstable_and_those_that_agree_do_not() {
        let mut record = of_three_sittings();
        assert_eq!(warnings(&record, &shown(&record, Metric::Wall)), []);
        let slow = &mut record.variants[1].samples[2].wall_ns;
        slow.iter_mut().for_each(|ns| *ns *= 2);
        let found = warnings(&record, &shown(&record, Metric::Wall));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kind, "unstable");
        assert!(found[0].text.contains("rust/chain/threads by "), "{}", found[0].text);
        assert!(!found[0].text.contains("sequential"), "{}", found[0].text);
    }

    #[test]
    fn a_figure_is_doubtful_for_what_it_shows_and_not_for_what_else_was_measured() {
        let mut record = of_three_sittings();
        // A slow sitting, in which all variants are slow alike.
        for variant in &mut record.variants {
            variant.samples[2].wall_ns.iter_mut().for_each(|ns| *ns *= 2);
        }
        assert_eq!(warnings(&record, &shown(&record, Metric::Wall)).len(), 1);
        assert_eq!(warnings(&record, &shown(&record, Metric::Speedup)), []);
        assert_eq!(warnings(&record, &[]), []);
    }
}
