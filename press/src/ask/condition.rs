//! Conditions: a value against a threshold, and what came of it.
//!
//! A condition holds when the whole interval satisfies it, fails when the whole interval
//! violates it, and is undecided in between, so that noise cannot decide. That a value is
//! equal to a number is the same as that it is no less and no more. What no measurement could
//! violate, or satisfy, is no condition and is refused. That a record leaves something open is
//! a condition, too: the interval has the threshold within.

use std::fmt;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::ask::domain::{self, Domain};
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
    Number(Number),
    Answer { lane: String, part: String },
}

#[derive(Clone, Debug, PartialEq)]
struct Number {
    expression: Expression,
    operator: Operator,
    threshold: f64,
    unit: Option<Unit>,
    /// The threshold as it is written, with its unit.
    written: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    AtMost,
    AtLeast,
    Equal,
    Below,
    Above,
    Straddles,
}

/// As they are written; the longer first, which have the shorter in them.
const OPERATORS: [(&str, Operator); 6] = [
    (" straddles ", Operator::Straddles),
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
            Operator::Straddles => {
                (low < threshold && threshold < high, threshold < low || high < threshold)
            }
        };
        match (holds, fails) {
            (true, _) => Verdict::Holds,
            (_, true) => Verdict::Fails,
            // Of what is not a number neither is true.
            _ => Verdict::Undecided,
        }
    }

    /// What is so where this is not.
    fn negated(self) -> &'static str {
        match self {
            Operator::AtMost => ">",
            Operator::AtLeast => "<",
            Operator::Equal => "≠",
            Operator::Below => "≥",
            Operator::Above => "≤",
            Operator::Straddles => "lies on one side of",
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
    /// When a part compares nothing, could not fail, or could not hold with the others.
    pub fn parse(text: &str) -> Result<Condition> {
        let parts = conjuncts(text).into_iter();
        let comparisons: Vec<Comparison> =
            parts.map(Comparison::parse).collect::<Result<_>>()?;
        let condition = Condition { text: text.to_owned(), comparisons };
        condition.numbers().try_for_each(|number| condition.can_be_told(number))?;
        Ok(condition)
    }

    /// What would refute it, in the words of the condition: one of its parts is enough.
    pub fn refuted_by(&self) -> String {
        let parts = self.comparisons.iter().map(|comparison| match comparison {
            Comparison::Answer { lane, part } => format!("{lane}.answer without \"{part}\""),
            Comparison::Number(Number { expression, operator, written, .. }) => {
                format!("{expression} {} {written}", operator.negated())
            }
        });
        parts.collect::<Vec<_>>().join(" or ")
    }

    fn numbers(&self) -> impl Iterator<Item = &Number> {
        self.comparisons.iter().filter_map(|comparison| match comparison {
            Comparison::Number(number) => Some(number),
            Comparison::Answer { .. } => None,
        })
    }

    /// # Errors
    /// When whatever its expression could be satisfies `number`, or nothing satisfies all that
    /// is asked of that expression.
    fn can_be_told(&self, number: &Number) -> Result<()> {
        if number.operator == Operator::Straddles {
            // Of intervals; one value can neither.
            return Ok(());
        }
        let asks_values = |other: &&Number| other.operator != Operator::Straddles;
        let of_it = || {
            self.numbers()
                .filter(asks_values)
                .filter(|other| other.expression == number.expression)
        };
        let domain = domain_of(&number.expression);
        let values = domain.values(of_it().map(|other| other.threshold));
        let (text, why) = (number.text(), domain.why);
        if values.iter().all(|&value| number.of(value, value) == Verdict::Holds) {
            bail!("`{text}` cannot fail: {why}");
        }
        if values.iter().all(|&value| number.of(value, value) != Verdict::Holds) {
            bail!("`{text}` cannot hold: {why}");
        }
        let holds = |value: &f64| of_it().all(|n| n.of(*value, *value) == Verdict::Holds);
        if !values.iter().any(holds) {
            bail!("`{}` asks for two things that exclude each other", self.text);
        }
        Ok(())
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
            verdict = both(verdict, one);
        }
        Ok((verdict, measured.join("; ")))
    }
}

/// What one part of a condition asks, and what was found, for whoever draws it.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What is asked: an expression, or an answer. Of a claim's test behind its experiment.
    pub asks: String,
    /// What was measured, in words: `speed-up`, or `two cores over one core`.
    pub about: String,
    /// Of which variant: what it is called, and in which case. None of two, and of an answer.
    pub of: Option<(String, Option<String>)>,
    /// Whose it is, as the record calls its runners; none where all records are asked.
    pub runner: Option<String>,
    /// What became of it.
    pub verdict: Verdict,
    /// What was found.
    pub found: Found,
}

/// What a part of a condition found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A number, and from where to where the condition wants it.
    Number(Value, f64, f64),
    /// An answer.
    Answer(String),
}

impl Condition {
    /// What was found for each of its parts; both ends of a range are one.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn parts(&self, record: &impl Asked) -> Result<Vec<Part>> {
        let mut parts: Vec<(&Comparison, Part)> = Vec::new();
        for comparison in &self.comparisons {
            let part = comparison.part(record)?;
            match parts.iter_mut().find(|(before, _)| before.asks_what(comparison)) {
                Some((_, before)) => before.narrow(&part),
                None => parts.push((comparison, part)),
            }
        }
        Ok(parts.into_iter().map(|(_, part)| part).collect())
    }
}

impl Part {
    /// As well as what it asked before, it is asked what `other` was.
    fn narrow(&mut self, other: &Part) {
        if let (Found::Number(_, low, high), Found::Number(_, from, to)) =
            (&mut self.found, &other.found)
        {
            *low = low.max(*from);
            *high = high.min(*to);
        }
        self.verdict = both(self.verdict, other.verdict);
    }
}

/// What two parts of a condition come to.
fn both(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Fails, _) | (_, Verdict::Fails) => Verdict::Fails,
        (Verdict::Undecided, _) | (_, Verdict::Undecided) => Verdict::Undecided,
        _ => Verdict::Holds,
    }
}

/// What `expression` can be, whatever is measured.
fn domain_of(expression: &Expression) -> Domain {
    match expression {
        Expression::Ratio(above, below) => domain::of_ratio(above == below),
        Expression::One(selector) => domain::of(&selector.metric),
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
            bail!("`{}` is too large a number", right.trim());
        }
        Ok(Comparison::Number(Number {
            expression: Expression::parse(left)?,
            operator,
            threshold,
            unit,
            written: right.trim().to_owned(),
        }))
    }

    /// Whether both ask about the same lane and metric.
    fn asks_what(&self, other: &Comparison) -> bool {
        match (self, other) {
            (Comparison::Number(one), Comparison::Number(two)) => {
                one.expression == two.expression
            }
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
            Comparison::Number(number) => {
                let value = record.value(&number.expression)?;
                let fits = match number.unit {
                    Some(unit) => unit == value.unit,
                    None => !matches!(value.unit, Unit::Seconds | Unit::Bytes),
                };
                if !fits {
                    bail!("the threshold's unit is not that of {}", value.text());
                }
                let verdict = number.of(value.estimate.low, value.estimate.high);
                Ok((verdict, value.with_interval()))
            }
        }
    }
}

impl Comparison {
    fn part(&self, record: &impl Asked) -> Result<Part> {
        let (verdict, text) = self.judge(record)?;
        let lane = match self {
            Comparison::Answer { lane, .. } => lane,
            Comparison::Number(number) => number.expression.lanes()[0],
        };
        let variant = record.variant(lane).ok();
        let runner = variant.map(|variant| variant.runner.clone());
        let of = match self {
            Comparison::Number(number) if number.expression.lanes().len() == 1 => {
                variant.map(|variant| (variant.label.clone(), variant.case.clone()))
            }
            _ => None,
        };
        let asks = match self {
            Comparison::Answer { lane, .. } => format!("{lane}.answer"),
            Comparison::Number(number) => number.expression.to_string(),
        };
        let (about, found) = match self {
            Comparison::Answer { .. } => ("answer".to_owned(), Found::Answer(text)),
            Comparison::Number(number) => {
                let (low, high) = number.wanted();
                let value = record.value(&number.expression)?;
                (about(&number.expression, record), Found::Number(value, low, high))
            }
        };
        Ok(Part { asks, about, of, runner, verdict, found })
    }
}

/// What an expression is about, in words.
fn about(expression: &Expression, record: &impl Asked) -> String {
    let (above, below) = match expression {
        Expression::One(selector) => return selector.metric.heading(),
        Expression::Ratio(above, below) => (above, below),
    };
    if above.lane == below.lane {
        return format!("{} over {}", above.metric.heading(), below.metric.heading());
    }
    let (Ok(one), Ok(two)) = (record.variant(&above.lane), record.variant(&below.lane)) else {
        return expression.to_string();
    };
    match (one.label == two.label, &one.case, &two.case) {
        (true, Some(case), Some(other)) if case != other => {
            format!("{}: {case} over {other}", one.label)
        }
        (true, ..) => format!("{} over {}", one.runner, two.runner),
        _ => format!("{} over {}", one.label, two.label),
    }
}

impl Number {
    /// From where to where the condition wants it.
    fn wanted(&self) -> (f64, f64) {
        match self.operator {
            Operator::AtMost | Operator::Below => (f64::NEG_INFINITY, self.threshold),
            Operator::AtLeast | Operator::Above => (self.threshold, f64::INFINITY),
            Operator::Equal | Operator::Straddles => (self.threshold, self.threshold),
        }
    }

    /// The verdict of the values from `low` to `high`.
    fn of(&self, low: f64, high: f64) -> Verdict {
        self.operator.decides(low, high, self.threshold)
    }

    fn text(&self) -> String {
        let known = OPERATORS.iter().find(|(_, operator)| *operator == self.operator);
        let (sign, _) = known.expect("the table has every operator");
        format!("{} {} {}", self.expression, sign.trim(), self.written)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::ask::metric::Metric;
    use crate::ask::selector::Selector;
    use crate::ask::unit;
    use crate::store::record::tests::demo;
    use lab::timeline::{Lane, Span, State};
    use std::collections::BTreeMap;

    /// A record over which `condition` holds, and for each of its parts one over which that
    /// part fails.
    pub(crate) fn records(condition: &Condition) -> (Record, Vec<Record>) {
        let parts = 0..condition.comparisons.len();
        (constructed(condition, None), parts.map(|i| constructed(condition, Some(i))).collect())
    }

    /// A record over which all parts hold, but for the one that is to be `violated`.
    fn constructed(condition: &Condition, violated: Option<usize>) -> Record {
        let is_as_wanted = |i: usize, number: &Number, value: f64| {
            let wanted = if violated == Some(i) { Verdict::Fails } else { Verdict::Holds };
            number.of(value, value) == wanted
        };
        let numbers: Vec<(usize, &Number)> = (condition.comparisons.iter().enumerate())
            .filter_map(|(i, comparison)| match comparison {
                Comparison::Number(number) => Some((i, number)),
                Comparison::Answer { .. } => None,
            })
            .collect();
        // What each expression is to be.
        let wanted = |expression: &Expression| {
            let of_it: Vec<&(usize, &Number)> =
                numbers.iter().filter(|(_, n)| n.expression == *expression).collect();
            let thresholds = of_it.iter().map(|(_, n)| n.threshold);
            let mut values = domain_of(expression).values(thresholds);
            // Rather between two thresholds than on one.
            values.reverse();
            let fits = |value: &f64| match violated {
                Some(i) if of_it.iter().any(|(at, _)| *at == i) => {
                    is_as_wanted(i, numbers.iter().find(|(at, _)| *at == i).unwrap().1, *value)
                }
                _ => of_it.iter().all(|(i, n)| is_as_wanted(*i, n, *value)),
            };
            values.into_iter().find(fits).unwrap_or_else(|| panic!("{condition}: {expression}"))
        };
        let key = |selector: &Selector| selector.to_string();
        let mut values: BTreeMap<String, (Selector, f64)> = BTreeMap::new();
        for (_, number) in &numbers {
            let (Expression::One(one) | Expression::Ratio(one, _)) = &number.expression;
            values.insert(key(one), (one.clone(), 1.0));
            if let Expression::Ratio(_, below) = &number.expression {
                values.insert(key(below), (below.clone(), 1.0));
            }
        }
        // Where one numerator stands over several, these are what each ratio is made by.
        let is_shared = |above: &Selector| {
            let above = |n: &&(usize, &Number)| match &n.1.expression {
                Expression::One(_) => false,
                Expression::Ratio(one, _) => key(one) == key(above),
            };
            numbers.iter().filter(above).count() > 1
        };
        let is_above = |below: &Selector| {
            numbers.iter().any(|(_, number)| {
                let (Expression::One(one) | Expression::Ratio(one, _)) = &number.expression;
                key(one) == key(below)
            })
        };
        // A ratio's denominator may be another's numerator, so it takes some turns.
        for _ in 0..numbers.len() {
            for (_, number) in &numbers {
                let value = wanted(&number.expression);
                let (one, value) = match &number.expression {
                    Expression::One(one) => (one, value),
                    Expression::Ratio(above, below) if is_shared(above) && !is_above(below) => {
                        (below, values[&key(above)].1 / value)
                    }
                    Expression::Ratio(above, below) => (above, value * values[&key(below)].1),
                };
                values.get_mut(&key(one)).unwrap().1 = value;
            }
        }
        let mut record = record_of(values.values());
        for (i, comparison) in condition.comparisons.iter().enumerate() {
            if let Comparison::Answer { lane, part } = comparison {
                let said = if violated == Some(i) { "nothing of it" } else { part };
                let variant = variant(&mut record, lane);
                variant.answers = BTreeMap::from([(said.to_owned(), 1)]);
            }
        }
        record
    }

    /// The variant of that lane, made if it is not there. A measured runner is not there
    /// either.
    fn variant<'r>(record: &'r mut Record, lane: &str) -> &'r mut Variant {
        let first = lane.split('/').next().unwrap();
        let is_runner = ["rust", "cpython-", "pypy-", "jython-"]
            .iter()
            .any(|known| first.starts_with(known));
        if is_runner && record.runners.iter().all(|runner| runner.name != first) {
            let mut runner = record.runners[1].clone();
            runner.name = first.into();
            record.runners.push(runner);
        }
        let id = crate::ask::selector::full_lane(record, lane);
        if let Some(at) = record.variants.iter().position(|variant| variant.id() == id) {
            return &mut record.variants[at];
        }
        let mut new = demo().variants.remove(0);
        let parts: Vec<&str> = id.split('/').collect();
        new.runner = parts[0].into();
        new.case = (parts.len() == 3).then(|| parts[1].into());
        new.name = (*parts.last().unwrap()).into();
        let samples = &mut new.samples[0];
        samples.metrics.clear();
        samples.wall_ns = vec![1_000_000_000];
        samples.cpu_ns = Some(vec![1_000_000_000]);
        record.variants.push(new);
        record.variants.last_mut().unwrap()
    }

    fn record_of<'a>(values: impl Iterator<Item = &'a (Selector, f64)>) -> Record {
        let mut record = demo();
        record.variants.clear();
        record.baseline = "base".into();
        // Times first, since others are taken of them.
        let mut values: Vec<&(Selector, f64)> = values.collect();
        values.sort_by_key(|(selector, _)| match selector.metric {
            Metric::Wall => 0,
            Metric::Speedup => 1,
            _ => 2,
        });
        for (Selector { lane, metric }, value) in values {
            let made = variant(&mut record, lane);
            let wall = made.samples[0].wall_ns[0] as f64;
            let count = |x: f64| vec![x.round() as u64];
            let samples = &mut made.samples[0];
            match metric {
                Metric::Wall => samples.wall_ns = count(value * 1e9),
                Metric::Cpu => samples.cpu_ns = Some(count(value * 1e9)),
                Metric::Utilization => samples.cpu_ns = Some(count(value * wall)),
                Metric::Voluntary => samples.voluntary = Some(count(*value)),
                Metric::Involuntary => samples.involuntary = Some(count(*value)),
                Metric::Switches => {
                    samples.voluntary = Some(count(*value));
                    samples.involuntary = Some(vec![0]);
                }
                Metric::Peak => samples.peak_bytes = Some(count(*value)),
                Metric::Threads => made.threads = Some(value.round() as u32),
                Metric::Speedup => {
                    samples.wall_ns = count(1e9 / value);
                    let (head, _) = lane.rsplit_once('/').unwrap_or_default();
                    variant(&mut record, format!("{head}/base").trim_start_matches('/'));
                }
                Metric::Slice => made.timeline = vec![alone(1, (value * 1e9).round() as u64)],
                Metric::Slices => made.timeline = vec![alone(value.round() as usize, 9)],
                Metric::Overlap => {
                    samples.metrics.insert("overlap_share".into(), vec![*value]);
                }
                Metric::OverlapInside => {
                    samples.metrics.insert("overlap_inside_share".into(), vec![*value]);
                }
                Metric::Own(name) => {
                    let (_, _, scale) = unit::of_metric(name);
                    samples.metrics.insert(name.clone(), vec![value / scale]);
                }
            }
        }
        record
    }

    /// A lane with so many whole slices of that length, and one cut at each end.
    fn alone(slices: usize, ns: u64) -> Lane {
        let span = |i: u64| {
            let from_ns = i * (ns + 10);
            Span { from_ns, to_ns: from_ns + ns, core: None, state: State::Running }
        };
        let spans = (0..slices as u64 + 2).map(span).collect();
        Lane { name: "T0".into(), involuntary: None, false_gaps: 0, spans }
    }

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
    fn what_a_record_leaves_open_straddles_and_what_it_decides_does_not() {
        for ((low, high), found) in [
            ((1.0, 3.0), Verdict::Holds),
            ((2.0, 3.0), Verdict::Undecided),
            ((2.5, 3.0), Verdict::Fails),
            ((1.0, 1.5), Verdict::Fails),
        ] {
            assert_eq!(Operator::Straddles.decides(low, high, 2.0), found, "{low} to {high}");
        }
        assert_eq!(verdict("chain/threads.speedup straddles 2.0"), Verdict::Holds);
        assert_eq!(verdict("chain/threads.speedup straddles 1.5"), Verdict::Fails);
        let both = "chain/threads.speedup straddles 2 and chain/threads.speedup > 1.5";
        assert_eq!(verdict(both), Verdict::Holds);
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
            ("a.wall >= 0 s", "`a.wall >= 0 s` cannot fail: a time is not negative"),
            ("a.wall > -1 ms", "cannot fail"),
            ("a.lost >= 0", "cannot fail: a count is not negative"),
            ("b.lost > 1 and a.lost_share <= 100 %", "`a.lost_share <= 100 %` cannot fail"),
            ("a.wall / b.wall >= 0", "cannot fail: a ratio is not negative"),
            ("a.overlap < 101 %", "cannot fail: a share lies between none and all"),
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
    fn what_nothing_could_satisfy_is_no_condition() {
        for (test, says) in [
            ("a.wall < 0 s", "`a.wall < 0 s` cannot hold: a time is not negative"),
            ("a.lost == -1", "cannot hold"),
            ("a.overlap > 100 %", "cannot hold"),
            ("a.wall > 2 s and a.wall < 1 s", "exclude each other"),
            ("a.lost == 1 and b.lost == 1 and a.lost == 2", "exclude each other"),
        ] {
            let text = Condition::parse(test).unwrap_err().to_string();
            assert!(text.contains(says), "{test}: {text}");
        }
        for test in [
            "a.lost == 0",
            "a.lost > 0",
            "a.late_ms >= 0 ms",
            "a.utilization < 110 %",
            "a.wall > 1 s and a.wall < 2 s",
            "a.overlap == 100 %",
        ] {
            assert!(Condition::parse(test).is_ok(), "{test}");
        }
    }

    #[test]
    fn a_condition_says_what_would_refute_it() {
        let test = "a.x > 1.5 and a/b.wall / a/c.wall <= 2 and a.n == 3 and a.m >= 1 and \
                    a.wall < 20 ms and b.answer contains \"x\"";
        assert_eq!(
            Condition::parse(test).unwrap().refuted_by(),
            "a.x ≤ 1.5 or a/b.wall / a/c.wall > 2 or a.n ≠ 3 or a.m < 1 or a.wall ≥ 20 ms or \
             b.answer without \"x\""
        );
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
