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
