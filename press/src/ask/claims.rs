//! The ledger of claims: what people say, what would refute it, and what the records say.
//!
//! A claim's tests are written down before anything is measured. A test holds when the whole
//! interval satisfies it, fails when the whole interval violates it, and is undecided in
//! between, so that noise cannot decide.

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

use crate::ask::near::nearest;
use crate::ask::selector::{Expression, Unit, find};
use crate::store::record::{Record, Results};

/// All claims of `claims.toml`, in its order.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// The claims.
    #[serde(default, rename = "claim")]
    pub all: Vec<Claim>,
}

/// One claim.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Claim {
    /// Its name in the book.
    pub id: String,
    /// The part of the ledger it stands in.
    pub topic: String,
    /// The claim, in our words.
    pub claim: String,
    /// Which of the four articles make it.
    #[serde(default)]
    pub articles: String,
    /// What could refute it, in words.
    pub decides: String,
    /// The tests. None: nothing measured yet, or nothing that measuring could decide.
    #[serde(default, rename = "test")]
    pub tests: Vec<Test>,
    /// Fewest cores that the tests mean anything on.
    #[serde(default)]
    pub needs_cores: u32,
    /// For what no measurement can decide: the argument, with its primary source.
    #[serde(default)]
    pub argued: Option<String>,
}

/// One thing that must be so if the claim is right.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Under which circumstances; on these a verdict may depend.
    #[serde(default)]
    pub when: String,
    /// The experiment.
    pub experiment: String,
    /// The condition, see [`Condition`].
    pub holds: String,
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

/// A verdict with its reasons, a line a test.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgment {
    /// The verdict.
    pub verdict: Verdict,
    /// `(when, test, verdict, what was measured)`.
    pub reasons: Vec<Reason>,
}

/// What one test came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// Under which circumstances.
    pub when: String,
    /// The condition as written.
    pub holds: String,
    /// The experiment.
    pub experiment: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// What was measured, or why nothing was.
    pub measured: String,
}

impl Reason {
    /// `holds, measured 1.9 ×`, or why it was not tried.
    pub fn found(&self) -> String {
        match self.verdict {
            Verdict::Untried => format!("{}: {}", self.verdict, self.measured),
            _ => format!("{}, measured {}", self.verdict, self.measured),
        }
    }
}

impl Claims {
    /// Reads the ledger.
    ///
    /// # Errors
    /// When it is not understood; the message has the line.
    pub fn read(path: &Path) -> Result<Claims> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Claims::parse(&text).with_context(|| format!("{}: not understood", path.display()))
    }

    fn parse(text: &str) -> Result<Claims> {
        let claims: Claims = toml::from_str(text)?;
        for (i, claim) in claims.all.iter().enumerate() {
            if claims.all[..i].iter().any(|other| other.id == claim.id) {
                bail!("claim `{}` is there twice", claim.id);
            }
            for test in &claim.tests {
                Condition::parse(&test.holds)
                    .with_context(|| format!("claim `{}`", claim.id))?;
            }
        }
        Ok(claims)
    }

    /// Every claim with its verdict on `machine`, its reasons beneath, and a count.
    pub fn ledger(&self, results: &Results, machine: &str) -> String {
        let mut out = format!("Claims, judged by the records of {machine}\n");
        let mut topic = "";
        let mut counts: Vec<(Verdict, usize)> = Vec::new();
        for claim in &self.all {
            if claim.topic != topic {
                topic = &claim.topic;
                out.push_str(&format!("\n{topic}\n"));
            }
            let judged = claim.judge(results, machine);
            match counts.iter_mut().find(|(verdict, _)| *verdict == judged.verdict) {
                Some((_, count)) => *count += 1,
                None => counts.push((judged.verdict, 1)),
            }
            let verdict = judged.verdict.to_string();
            out.push_str(&format!("  {:<21} {verdict:<14} {}\n", claim.id, claim.claim));
            for reason in &judged.reasons {
                let when = match reason.when.as_str() {
                    "" => String::new(),
                    when => format!("{when}: "),
                };
                out.push_str(&format!(
                    "  {:<21}   {when}{}; asked {}: {}\n",
                    "",
                    reason.found(),
                    reason.experiment,
                    reason.holds
                ));
            }
            if judged.verdict == Verdict::Open {
                out.push_str(&format!("  {:<21}   to be decided by {}\n", "", claim.decides));
            }
        }
        let counts: Vec<String> =
            counts.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
        out.push_str(&format!("\n{} claims: {}\n", self.all.len(), counts.join(", ")));
        out
    }

    /// # Errors
    /// When there is none of that id; the message names the nearest.
    pub fn get(&self, id: &str) -> Result<&Claim> {
        self.all.iter().find(|claim| claim.id == id).ok_or_else(|| {
            let near = nearest(id, self.all.iter().map(|claim| claim.id.as_str()));
            anyhow!("no claim is called `{id}`{near}")
        })
    }
}

impl Claim {
    /// Judges the claim by the records of one machine.
    pub fn judge(&self, results: &Results, machine: &str) -> Judgment {
        if self.tests.is_empty() {
            let verdict = if self.argued.is_some() { Verdict::Argued } else { Verdict::Open };
            return Judgment { verdict, reasons: Vec::new() };
        }
        let records = results.machines.get(machine);
        let reasons: Vec<Reason> = self
            .tests
            .iter()
            .map(|test| {
                let record = records.and_then(|records| records.get(&test.experiment));
                let (verdict, measured) = match record {
                    None => (Verdict::Untried, format!("no record of `{}`", test.experiment)),
                    Some(record) if record.machine.hardware_threads < self.needs_cores => {
                        (Verdict::Untried, format!("needs {} cores", self.needs_cores))
                    }
                    Some(record) => {
                        let (verdict, mut measured) = judge(&test.holds, record);
                        // The hint is for who wrote the test; elsewhere it is the machine
                        // that lacks an interpreter.
                        if verdict == Verdict::Untried && machine != results.reference {
                            let hint =
                                measured.find("; did you mean").unwrap_or(measured.len());
                            measured.truncate(hint);
                        }
                        (verdict, measured)
                    }
                };
                Reason {
                    when: test.when.clone(),
                    holds: test.holds.clone(),
                    experiment: test.experiment.clone(),
                    verdict,
                    measured,
                }
            })
            .collect();
        let tried: Vec<Verdict> =
            reasons.iter().map(|r| r.verdict).filter(|v| *v != Verdict::Untried).collect();
        Judgment { verdict: over(&tried), reasons }
    }
}

/// What a claim's tests say together. Tests that disagree do so whichever way one more, that
/// is undecided, would fall; where those that are decided agree, it could still part them.
fn over(tests: &[Verdict]) -> Verdict {
    let has = |verdict| tests.contains(&verdict);
    match (has(Verdict::Holds), has(Verdict::Fails), has(Verdict::Undecided)) {
        (true, true, _) => Verdict::Depends,
        (_, _, true) => Verdict::Undecided,
        (true, false, false) => Verdict::Holds,
        (false, true, false) => Verdict::Fails,
        (false, false, false) => Verdict::Untried,
    }
}

fn judge(test: &str, record: &Record) -> (Verdict, String) {
    match Condition::parse(test).and_then(|condition| condition.judge(record)) {
        Ok(judged) => judged,
        Err(e) => (Verdict::Untried, format!("{e:#}")),
    }
}

/// `a.speedup > 1.5 and a.wall < 20 ms and a.answer contains "exit 0"`.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition(Vec<Comparison>);

#[derive(Clone, Debug, PartialEq)]
enum Comparison {
    Number {
        expression: Expression,
        operator: &'static str,
        threshold: f64,
        unit: Option<Unit>,
    },
    Answer {
        lane: String,
        part: String,
    },
}

const OPERATORS: [&str; 5] = ["<=", ">=", "==", "<", ">"];

impl Condition {
    /// # Errors
    /// When a part is no comparison.
    pub fn parse(text: &str) -> Result<Condition> {
        text.split(" and ").map(Comparison::parse).collect::<Result<_>>().map(Condition)
    }

    /// The verdict of one record, and what was measured, in words.
    ///
    /// # Errors
    /// When the record cannot answer.
    pub fn judge(&self, record: &Record) -> Result<(Verdict, String)> {
        let mut verdict = Verdict::Holds;
        let mut measured = Vec::new();
        for (i, comparison) in self.0.iter().enumerate() {
            let (one, text) = comparison.judge(record)?;
            // Both ends of a range are asked of one value.
            if !self.0[..i].iter().any(|before| before.asks_what(comparison)) {
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

impl Comparison {
    fn parse(text: &str) -> Result<Comparison> {
        if let Some((lane, part)) = text.split_once(".answer contains ") {
            let part = part.trim().trim_matches('"').to_owned();
            return Ok(Comparison::Answer { lane: lane.trim().to_owned(), part });
        }
        let operator =
            OPERATORS.into_iter().find(|operator| text.contains(operator)).ok_or_else(
                || anyhow!("`{text}` compares nothing; write `lane.metric > number`"),
            )?;
        let (left, right) = text.split_once(operator).expect("it is in there");
        let (threshold, unit) = quantity(right)?;
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

    fn judge(&self, record: &Record) -> Result<(Verdict, String)> {
        match self {
            Comparison::Answer { lane, part } => {
                let answers = &find(record, lane)?.answers;
                let with = answers.keys().filter(|answer| answer.contains(part)).count();
                let verdict = match with {
                    0 => Verdict::Fails,
                    n if n == answers.len() => Verdict::Holds,
                    _ => Verdict::Undecided,
                };
                Ok((verdict, find(record, lane)?.answer()))
            }
            Comparison::Number { expression, operator, threshold, unit } => {
                let value = expression.value(record)?;
                let fits = match (unit, value.unit) {
                    (Some(unit), measured) => *unit == measured,
                    (None, measured) => !matches!(measured, Unit::Seconds | Unit::Bytes),
                };
                if !fits {
                    bail!("the threshold's unit is not that of {}", value.text());
                }
                let (low, high) = (value.estimate.low, value.estimate.high);
                let is = |x: f64| match *operator {
                    "<=" => x <= *threshold,
                    ">=" => x >= *threshold,
                    "<" => x < *threshold,
                    ">" => x > *threshold,
                    _ => (x - threshold).abs() <= threshold.abs() * 1e-9,
                };
                let verdict = match (is(low), is(high)) {
                    (true, true) => Verdict::Holds,
                    (false, false) => Verdict::Fails,
                    _ => Verdict::Undecided,
                };
                Ok((verdict, value.with_interval()))
            }
        }
    }
}

/// `1.5`, `20 ms`, `64 KiB`, `150 %`.
fn quantity(text: &str) -> Result<(f64, Option<Unit>)> {
    let text = text.trim();
    let end =
        text.find(|c: char| c.is_alphabetic() || c == '%' || c == '×').unwrap_or(text.len());
    let number: f64 = text[..end]
        .trim()
        .parse()
        .map_err(|_| anyhow!("`{text}` is no number with a unit we know"))?;
    let (scale, unit) = match text[end..].trim() {
        "" => (1.0, None),
        "×" => (1.0, Some(Unit::Times)),
        "%" => (0.01, Some(Unit::Share)),
        "ns" => (1e-9, Some(Unit::Seconds)),
        "µs" | "us" => (1e-6, Some(Unit::Seconds)),
        "ms" => (1e-3, Some(Unit::Seconds)),
        "s" => (1.0, Some(Unit::Seconds)),
        "B" => (1.0, Some(Unit::Bytes)),
        "KiB" => (1024.0, Some(Unit::Bytes)),
        "MiB" => (1024.0 * 1024.0, Some(Unit::Bytes)),
        other => bail!("`{other}` is no unit we know (ns, µs, ms, s, B, KiB, MiB, %, ×)"),
    };
    Ok((number * scale, unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::tests::demo;
    use std::collections::BTreeMap;

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
    fn a_threshold_needs_the_unit_of_what_was_measured() {
        for test in ["chain/threads.wall < 50", "chain/threads.speedup > 5 ms"] {
            let text = Condition::parse(test).unwrap().judge(&demo()).unwrap_err().to_string();
            assert!(text.contains("unit"), "{text}");
        }
        assert!(Condition::parse("chain/threads.wall < 5 parsecs").is_err());
    }

    fn ledger(tests: &str) -> Claim {
        let text = format!(
            "[[claim]]\nid = 'x'\ntopic = 't'\nclaim = 'c'\ndecides = 'd'\nneeds-cores = 2\n{tests}"
        );
        Claims::parse(&text).unwrap().all.remove(0)
    }

    fn results() -> Results {
        let records = BTreeMap::from([("demo".to_owned(), demo())]);
        Results {
            reference: "ref".into(),
            machines: BTreeMap::from([("ref".to_owned(), records)]),
        }
    }

    fn test(when: &str, holds: &str) -> String {
        format!("[[claim.test]]\nwhen = '{when}'\nexperiment = 'demo'\nholds = '{holds}'\n")
    }

    #[test]
    fn flipping_a_threshold_flips_the_verdict() {
        for (threshold, verdict) in [("1.5", Verdict::Holds), ("2.5", Verdict::Fails)] {
            let claim = ledger(&test("", &format!("chain/threads.speedup > {threshold}")));
            assert_eq!(claim.judge(&results(), "ref").verdict, verdict);
        }
    }

    #[test]
    fn a_verdict_depends_when_its_tests_disagree() {
        let rust = test("in Rust", "chain/threads.speedup > 1.5");
        let python = test("in Python", "python/chain/threads.speedup > 1.5");
        let judged = ledger(&(rust + &python)).judge(&results(), "ref");
        assert_eq!(judged.verdict, Verdict::Depends);
        assert_eq!(judged.reasons[1].when, "in Python");
    }

    #[test]
    fn an_undecided_test_leaves_a_claim_open_only_where_the_others_agree() {
        let tests: Vec<String> = ["1.5", "2.0", "2.5"]
            .map(|threshold| test("", &format!("chain/threads.speedup > {threshold}")))
            .into();
        let verdict =
            |tests: &[String]| ledger(&tests.concat()).judge(&results(), "ref").verdict;
        assert_eq!(verdict(&tests[..2]), Verdict::Undecided);
        assert_eq!(verdict(&tests[1..]), Verdict::Undecided);
        assert_eq!(verdict(&tests), Verdict::Depends);
    }

    #[test]
    fn two_questions_of_one_value_tell_it_once_and_two_equal_values_are_both_told() {
        let measured = |text| Condition::parse(text).unwrap().judge(&demo()).unwrap().1;
        let range = measured("chain/threads.speedup > 1.5 and chain/threads.speedup < 3");
        assert!(!range.contains(';'), "{range}");
        let two = measured("chain/threads.voluntary == 2 and chain/sequential.voluntary == 2");
        assert_eq!(two, "2; 2");
    }

    #[test]
    fn only_on_the_reference_machine_is_a_missing_lane_taken_for_a_slip_of_the_pen() {
        let mut results = results();
        results.machines.insert("local".into(), results.machines["ref"].clone());
        let claim = ledger(&test("", "chain/thread.speedup > 1.5"));
        let found = |machine| claim.judge(&results, machine).reasons[0].found();
        assert_eq!(found("local"), "not tried: `demo` has no variant `chain/thread`");
        assert!(
            found("ref").ends_with("did you mean `rust/chain/threads`?"),
            "{}",
            found("ref")
        );
    }

    #[test]
    fn what_cannot_be_told_is_not_told() {
        let claim = ledger(&test("", "chain/threads.speedup > 1.5"));
        assert_eq!(claim.judge(&results(), "elsewhere").verdict, Verdict::Untried);
        let mut small = results();
        let record = small.machines.get_mut("ref").unwrap().get_mut("demo").unwrap();
        record.machine.hardware_threads = 1;
        assert_eq!(claim.judge(&small, "ref").verdict, Verdict::Untried);
        assert_eq!(ledger("").judge(&results(), "ref").verdict, Verdict::Open);
        assert_eq!(ledger("argued = 'see'").judge(&results(), "ref").verdict, Verdict::Argued);
    }
}
