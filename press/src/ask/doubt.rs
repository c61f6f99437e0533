//! What makes a record doubtful.

use crate::ask::value;
use crate::store::record::{Record, Warning};

/// A time that is known no better than this, as a share of itself, is called unstable.
const UNSTABLE: f64 = 0.10;

/// How many variants a warning names.
const NAMED: usize = 3;

/// What the sittings warn of, and which times are not well known after all of them.
pub fn warnings(record: &Record) -> Vec<Warning> {
    let mut all = record.warnings();
    if record.sittings.len() > 1 && !record.quick {
        all.extend(unstable(record));
    }
    all
}

fn unstable(record: &Record) -> Option<Warning> {
    let mut wide: Vec<(f64, String)> = record
        .variants
        .iter()
        .filter_map(|variant| {
            let error = value::wall(record, variant)?.estimate.relative_error();
            (error > UNSTABLE).then(|| (error, variant.id()))
        })
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
        "the sittings differ, so that a time is known to no more than: {}{more}; more sittings \
         (`cargo book measure {} --add`) narrow it",
        named.join(", "),
        record.experiment
    );
    Some(Warning::new("unstable", text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::tests::demo;

    #[test]
    fn sittings_that_differ_make_a_time_unstable_and_those_that_agree_do_not() {
        let mut record = demo();
        for _ in 0..2 {
            let another = demo();
            record.add(another).unwrap();
        }
        assert_eq!(warnings(&record), []);
        let slow = &mut record.variants[1].samples[2].wall_ns;
        slow.iter_mut().for_each(|ns| *ns *= 2);
        let found = warnings(&record);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kind, "unstable");
        assert!(found[0].text.contains("rust/chain/threads by "), "{}", found[0].text);
        assert!(!found[0].text.contains("sequential"), "{}", found[0].text);
    }
}
