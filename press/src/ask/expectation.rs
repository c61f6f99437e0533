//! Expectations: conditions on which the sentences of pages rest.

use crate::ask::condition::Condition;

/// What a sentence of a page rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// The experiment.
    pub experiment: String,
    /// What its record must satisfy, on every committed machine.
    pub condition: Condition,
    /// The machines on which it is known not to be so, and the page says it.
    pub except: Vec<String>,
    /// What is so there instead, as the page says it.
    pub there: String,
}
