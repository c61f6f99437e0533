//! A number of an experiment, as a page puts it into a sentence.

use crate::ask::selector::Expression;
use crate::ask::value::Value;
use crate::figure::shown::Shown;
use crate::store::results::Results;

/// What is asked of whose record.
#[derive(Clone, Debug)]
pub(super) struct Number {
    pub(super) experiment: String,
    pub(super) expression: Expression,
}

impl Number {
    /// What was measured on each machine that has it.
    pub(super) fn values<'r>(&self, results: &'r Results) -> Vec<(Shown<'r>, Value)> {
        Shown::all(results, &self.experiment)
            .into_iter()
            .filter_map(|shown| Some((shown, self.expression.value(shown.record).ok()?)))
            .collect()
    }
}
