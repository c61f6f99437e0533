//! Conditions: a value against a threshold, and what came of it.
//!
//! A condition holds when the whole interval satisfies it, fails when the whole interval
//! violates it, and is undecided in between, so that noise cannot decide. That a value is
//! equal to a number is the same as that it is no less and no more.

use std::fmt;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::ask::selector::{Expression, find};
use crate::ask::unit::{Unit, quantity};
use crate::ask::value::Value;
use crate::store::record::{Record, Variant};

/// What a condition is asked of: a record, or all of them together.
pub trait Asked {
    /// The value of `expression`.
    ///
    /// # Errors
    /// When there is none.
    fn value(&self, expression: &Expression) -> Result<Value>;

    /// The variant that `lane` names, for its answers.
    ///
    /// # Errors
    /// When there is none.
    fn variant(&self, lane: &str) -> Result<&Variant>;
}

impl Asked for Record {
    fn value(&self, expression: &Expression) -> Result<Value> {
        expression.value(self)
    }

    fn variant(&self, lane: &str) -> Result<&Variant> {
        find(self, lane)
    }
}

/// What became of a test, an expectation or a whole claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The whole interval satisfies it.
    Holds,
    /// The whole interval violates it.
    Fails,
    /// The interval straddles the threshold.
    Undecided,
    /// Some tests hold and some fail.
    Depends,
    /// No measurement can decide it; a source does.
    Argued,
    /// It cannot be told here: no record, too few cores, no such interpreter.
    Untried,
    /// No experiment is written yet.
    Open,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::Holds => "holds",
            Verdict::Fails => "does not hold",
            Verdict::Undecided => "undecided",
            Verdict::Depends => "depends",
            Verdict::Argued => "argued",
            Verdict::Untried => "not tried",
            Verdict::Open => "open",
        })
    }
}

/// `a.speedup > 1.5 and a.wall < 20 ms and a.answer contains "exit 0"`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Condition {
    text: String,
    comparisons: Vec<Comparison>,
}

#[derive(Clone, Debug, PartialEq)]
enum Comparison {
    Number { expression: Expression, operator: Operator, threshold: f64, unit: Option<Unit> },
    Answer { lane: String, part: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    AtMost,
    AtLeast,
    Equal,
    Below,
    Above,
}

/// As they are written; the longer first, which have the shorter in them.
const OPERATORS: [(&str, Operator); 5] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("==", Operator::Equal),
    ("<", Operator::Below),
    (">", Operator::Above),
];

impl Operator {
    /// The verdict of the values from `low` to `high`.
    fn decides(self, low: f64, high: f64, threshold: f64) -> Verdict {
        // Counts are whole, and others are computed: what is equal may differ in a last digit.
        let is_it = |end: f64| (end - threshold).abs() <= threshold.abs() * 1e-9;
        let (holds, fails) = match self {
            Operator::AtMost => (high <= threshold, low > threshold),
            Operator::AtLeast => (low >= threshold, high < threshold),
            Operator::Equal => {
                let fails = low > threshold || high < threshold;
                (is_it(low) && is_it(high), fails && !is_it(low) && !is_it(high))
            }
            Operator::Below => (high < threshold, low >= threshold),
            Operator::Above => (low > threshold, high <= threshold),
        };
        match (holds, fails) {
            (true, _) => Verdict::Holds,
            (_, true) => Verdict::Fails,
            // Of what is not a number neither is true.
            _ => Verdict::Undecided,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Condition {
    type Error = anyhow::Error;

    fn try_from(text: String) -> Result<Condition> {
        Condition::parse(&text)
    }
}

impl Condition {
    /// # Errors
    /// When a part compares nothing.
    pub fn parse(text: &str) -> Result<Condition> {
        let parts = conjuncts(text).into_iter();
        let comparisons = parts.map(Comparison::parse).collect::<Result<_>>()?;
        Ok(Condition { text: text.to_owned(), comparisons })
    }

    /// The verdict of one record, or of all, and what was measured, in words.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn judge(&self, record: &impl Asked) -> Result<(Verdict, String)> {
        let mut verdict = Verdict::Holds;
        let mut measured = Vec::new();
        for (i, comparison) in self.comparisons.iter().enumerate() {
            let (one, text) = comparison.judge(record)?;
            // Both ends of a range are asked of one value.
            if !self.comparisons[..i].iter().any(|before| before.asks_what(comparison)) {
                measured.push(text);
            }
            verdict = match (verdict, one) {
                (Verdict::Fails, _) | (_, Verdict::Fails) => Verdict::Fails,
                (Verdict::Undecided, _) | (_, Verdict::Undecided) => Verdict::Undecided,
                _ => Verdict::Holds,
            };
        }
        Ok((verdict, measured.join("; ")))
    }
}

/// What stands between ` and `, but for one between quotation marks.
fn conjuncts(text: &str) -> Vec<&str> {
    let is_quoted = |at: usize| text[..at].matches('"').count() % 2 == 1;
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, and) in text.match_indices(" and ").filter(|(at, _)| !is_quoted(*at)) {
        parts.push(&text[from..at]);
        from = at + and.len();
    }
    parts.push(&text[from..]);
    parts
}

impl Comparison {
    fn parse(text: &str) -> Result<Comparison> {
        if let Some((lane, part)) = text.split_once(".answer contains ") {
            let part = part.trim();
            let quoted = part.strip_prefix('"').and_then(|part| part.strip_suffix('"'));
            if quoted.is_none() && part.contains('"') {
                bail!("`{part}` is quoted at one end; write `lane.answer contains \"text\"`");
            }
            let part = quoted.unwrap_or(part);
            if part.trim().is_empty() {
                bail!("`{}` would hold of any answer; say what is in it", text.trim());
            }
            let part = part.to_owned();
            return Ok(Comparison::Answer { lane: lane.trim().to_owned(), part });
        }
        let parts = |(sign, operator): (&str, Operator)| {
            let (left, right) = text.split_once(sign)?;
            Some((left, operator, right))
        };
        let (left, operator, right) =
            OPERATORS.into_iter().find_map(parts).with_context(|| {
                format!("`{text}` compares nothing; write `lane.metric > number`")
            })?;
        let (threshold, unit) = quantity(right)?;
        if !threshold.is_finite() {
            bail!("`{}` is more than a number may be", right.trim());
        }
        Ok(Comparison::Number {
            expression: Expression::parse(left)?,
            operator,
            threshold,
            unit,
        })
    }

    /// Whether both ask about the same lane and metric.
    fn asks_what(&self, other: &Comparison) -> bool {
        match (self, other) {
            (
                Comparison::Number { expression: one, .. },
                Comparison::Number { expression: two, .. },
            ) => one == two,
            (Comparison::Answer { lane: one, .. }, Comparison::Answer { lane: two, .. }) => {
                one == two
            }
            _ => false,
        }
    }

    fn judge(&self, record: &impl Asked) -> Result<(Verdict, String)> {
        match self {
            // Every answer is asked.
            Comparison::Answer { lane, part } => {
                let variant = record.variant(lane)?;
                let with = variant.answers.keys().filter(|answer| answer.contains(part));
                let verdict = match with.count() {
                    0 => Verdict::Fails,
                    n if n == variant.answers.len() => Verdict::Holds,
                    _ => Verdict::Undecided,
                };
                Ok((verdict, variant.answer()))
            }
            Comparison::Number { expression, operator, threshold, unit } => {
                let value = record.value(expression)?;
                let fits = match unit {
                    Some(unit) => *unit == value.unit,
                    None => !matches!(value.unit, Unit::Seconds | Unit::Bytes),
                };
                if !fits {
                    bail!("the threshold's unit is not that of {}", value.text());
                }
                let verdict =
                    operator.decides(value.estimate.low, value.estimate.high, *threshold);
                Ok((verdict, value.with_interval()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::tests::demo;

    fn verdict(test: &str) -> Verdict {
        Condition::parse(test).unwrap().judge(&demo()).unwrap().0
    }

    #[test]
    fn only_a_whole_interval_decides() {
        assert_eq!(verdict("chain/threads.speedup > 1.5"), Verdict::Holds);
        assert_eq!(verdict("chain/threads.speedup > 2.5"), Verdict::Fails);
        assert_eq!(verdict("chain/threads.speedup > 2.0"), Verdict::Undecided);
        assert_eq!(verdict("chain/threads.wall < 50 ms"), Verdict::Holds);
        assert_eq!(verdict("chain/threads.answer contains \"42\""), Verdict::Holds);
        assert_eq!(verdict("chain/threads.answer contains \"43\""), Verdict::Fails);
        assert_eq!(
            verdict("chain/threads.speedup > 1.5 and chain/threads.wall > 50 ms"),
            Verdict::Fails
        );
    }

    #[test]
    fn equal_is_decided_as_no_less_and_no_more_are() {
        for ((low, high), equal) in [
            ((2.0, 2.0), Verdict::Holds),
            ((1.0, 3.0), Verdict::Undecided),
            ((2.0, 3.0), Verdict::Undecided),
            ((1.0, 2.0), Verdict::Undecided),
            ((3.0, 4.0), Verdict::Fails),
            ((0.0, 1.0), Verdict::Fails),
            ((f64::NAN, f64::NAN), Verdict::Undecided),
        ] {
            assert_eq!(Operator::Equal.decides(low, high, 2.0), equal, "{low} to {high}");
            let both = [Operator::AtMost, Operator::AtLeast].map(|o| o.decides(low, high, 2.0));
            let both = match both.contains(&Verdict::Fails) {
                true => Verdict::Fails,
                false => *both.iter().find(|v| **v != Verdict::Holds).unwrap_or(&both[0]),
            };
            assert_eq!(both, equal, "{low} to {high}");
        }
        // A last digit is not a difference.
        assert_eq!(Operator::Equal.decides(2.0, 2.0 + 1e-12, 2.0), Verdict::Holds);
        assert_eq!(Operator::Equal.decides(-1e-12, 1e-12, 0.0), Verdict::Undecided);
        let mut record = demo();
        let metrics = &mut record.variants[1].samples[0].metrics;
        metrics.insert("seen".into(), vec![1.0, 2.0, 3.0]);
        let condition = Condition::parse("chain/threads.seen == 2").unwrap();
        assert_eq!(condition.judge(&record).unwrap().0, Verdict::Undecided);
    }

    #[test]
    fn what_holds_of_everything_is_no_condition() {
        for (test, says) in [
            ("a.answer contains \"\"", "would hold of any answer"),
            ("a.answer contains \" \"", "would hold of any answer"),
            ("a.answer contains ", "would hold of any answer"),
            ("a.answer contains \"", "is quoted at one end"),
            ("a.answer contains \"42", "is quoted at one end"),
            ("", "compares nothing"),
            ("a.wall", "compares nothing"),
            ("a.b > 1 and ", "compares nothing"),
        ] {
            let text = Condition::parse(test).unwrap_err().to_string();
            assert!(text.contains(says), "{test}: {text}");
        }
        let huge = format!("a.b < 1{}", "0".repeat(400));
        assert!(Condition::parse(&huge).is_err());
        // What is quoted joins nothing.
        let test = "chain/threads.answer contains \"this and that\"";
        assert_eq!(verdict(test), Verdict::Fails);
        assert_eq!(verdict(&format!("{test} and chain/threads.speedup > 1.5")), Verdict::Fails);
    }

    #[test]
    fn a_threshold_needs_the_unit_of_what_was_measured() {
        for test in ["chain/threads.wall < 50", "chain/threads.speedup > 5 ms"] {
            let text = Condition::parse(test).unwrap().judge(&demo()).unwrap_err().to_string();
            assert!(text.contains("unit"), "{text}");
        }
        assert!(Condition::parse("chain/threads.wall < 5 parsecs").is_err());
    }

    #[test]
    fn two_questions_of_one_value_tell_it_once_and_two_equal_values_are_both_told() {
        let measured = |text| Condition::parse(text).unwrap().judge(&demo()).unwrap().1;
        let range = measured("chain/threads.speedup > 1.5 and chain/threads.speedup < 3");
        assert!(!range.contains(';'), "{range}");
        let two = measured("chain/threads.voluntary == 2 and chain/sequential.voluntary == 2");
        assert_eq!(two, "2; 2");
    }
}
