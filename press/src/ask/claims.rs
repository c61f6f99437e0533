//! The ledger of claims: what people say, what would refute it, and what the records say.
//!
//! A claim's tests are written down before anything is measured, or say why they were not; a
//! test is a [`Condition`] that one experiment's record must satisfy.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

pub use crate::ask::condition::{Condition, Found, Part, Verdict};
use crate::ask::near::Unknown;
use crate::ask::plain::{acts, plain};
use crate::store::results::Results;

/// All claims of `claims.toml`, in its order.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Whom the letters of claims stand for, in a word or two.
    #[serde(default)]
    pub sources: BTreeMap<String, String>,
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
    /// Who else says so, in a few words: documentation, an issue, a book.
    #[serde(default)]
    pub field: Option<String>,
    /// Where they do.
    #[serde(default)]
    pub link: Option<String>,
    /// What could refute it, in words.
    pub decides: String,
    /// The tests. None: nothing measured yet, or nothing that measuring could decide.
    #[serde(default, rename = "test")]
    pub tests: Vec<Test>,
    /// Fewest cores that the tests mean anything on.
    #[serde(default)]
    pub needs_cores: u32,
    /// What the tests say together, in a sentence.
    #[serde(default)]
    pub says: Option<String>,
    /// For which outcomes of the tests, with commas between them, that sentence was written: in
    /// their order a `+` for one that holds, `-` for one that does not, `?` for one that is
    /// undecided, `0` for one that was not tried. Of another it is not said.
    #[serde(default)]
    pub said_of: Option<String>,
    /// What they say where they come out otherwise, on other machines.
    #[serde(default)]
    pub otherwise: Vec<Said>,
    /// For what no measurement can decide: the argument, with its primary source.
    #[serde(default)]
    pub argued: Option<String>,
}

/// A sentence for other outcomes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Said {
    /// The sentence.
    pub says: String,
    /// The outcomes, as a claim's own.
    pub said_of: String,
}

/// One thing that must be so if the claim is right.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Test {
    /// Under which circumstances; on these a verdict may depend.
    #[serde(default)]
    pub when: String,
    /// The experiment.
    pub experiment: String,
    /// The condition.
    pub holds: Condition,
    /// Why its threshold was written when a record of what it asks was there already. Absent:
    /// it was written first.
    #[serde(default)]
    pub after_record: Option<String>,
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
    /// What would refute it.
    pub refuted_by: String,
    /// The experiment.
    pub experiment: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// What was measured, or why nothing was.
    pub measured: String,
    /// Why its threshold was written after a record, if it was.
    pub after_record: Option<String>,
    /// What was found part by part; none where nothing was.
    pub parts: Vec<Part>,
}

impl Judgment {
    /// The verdicts of the tests, a sign for each: what a claim's sentence is said of.
    pub fn signs(&self) -> String {
        self.reasons.iter().map(|reason| sign(reason.verdict)).collect()
    }

    /// How many tests came out how, for an outcome that nobody wrote a sentence for.
    pub fn tally(&self) -> String {
        let all = self.reasons.len();
        let of = |verdict| self.reasons.iter().filter(|r| r.verdict == verdict).count();
        let told = [
            (Verdict::Holds, "holds", "hold"),
            (Verdict::Fails, "does not", "do not"),
            (Verdict::Undecided, "is undecided", "are undecided"),
            (Verdict::Untried, "was not tried", "were not tried"),
        ];
        let told = told.into_iter().map(|(verdict, one, many)| (of(verdict), one, many));
        let told: Vec<String> = told
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, many)| {
                format!("{count} {}", if count == 1 { one } else { many })
            })
            .collect();
        match all {
            1 => format!("Its one test here: {}.", self.reasons[0].verdict),
            _ => format!("Of {all} tests {}.", told.join(", ")),
        }
    }

    /// Whether `there` says something else, by the tests that were tried on both machines. One
    /// that lacks an interpreter has fewer to depend on, and does not differ by that.
    pub fn differs(&self, there: &Judgment) -> bool {
        let (ours, theirs) = self.in_common(there);
        ours != theirs
    }

    /// Both verdicts, by the tests that were tried on both machines.
    pub fn in_common(&self, there: &Judgment) -> (Verdict, Verdict) {
        let both = || {
            let pairs = self.reasons.iter().zip(&there.reasons);
            pairs.filter(|(a, b)| ![a.verdict, b.verdict].contains(&Verdict::Untried))
        };
        let ours: Vec<Verdict> = both().map(|(ours, _)| ours.verdict).collect();
        let theirs: Vec<Verdict> = both().map(|(_, theirs)| theirs.verdict).collect();
        (combine(&ours), combine(&theirs))
    }
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
            claim.validate().with_context(|| format!("claim `{}`", plain(&claim.id)))?;
            // Where nobody is named, letters stand for themselves.
            let unknown = claim.letters().into_iter().find(|l| !claims.sources.contains_key(l));
            if let Some(letter) = unknown.filter(|_| !claims.sources.is_empty()) {
                bail!(
                    "claim `{}`: nothing says who `{letter}` is; name them under [sources]",
                    claim.id
                );
            }
            if claims.all[..i].iter().any(|other| other.id == claim.id) {
                bail!("claim `{}` is there twice", claim.id);
            }
        }
        Ok(claims)
    }

    /// Every claim with its verdict on `machine`, its reasons beneath, what else is found on
    /// the `others`, and a count.
    pub fn ledger(&self, results: &Results, machine: &str, others: &[&str]) -> String {
        let mut out = format!("Claims, judged by the records of {}\n", plain(machine));
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
            if let Some(sentence) = claim.sentence(&judged) {
                out.push_str(&format!("  {:<21}   {sentence}\n", ""));
            }
            if let (Some(field), Some(link)) = (&claim.field, &claim.link) {
                out.push_str(&format!("  {:<21}   said by {field}: {link}\n", ""));
            }
            for reason in &judged.reasons {
                let when = match reason.when.as_str() {
                    "" => String::new(),
                    when => format!("{when}: "),
                };
                out.push_str(&format!(
                    "  {:<21}   {when}{}; asked {}: {}\n",
                    "",
                    plain(&reason.found()),
                    reason.experiment,
                    reason.holds
                ));
                out.push_str(&format!("  {:<21}     refuted by {}\n", "", reason.refuted_by));
                if let Some(why) = &reason.after_record {
                    out.push_str(&format!(
                        "  {:<21}     threshold written after a record: {why}\n",
                        ""
                    ));
                }
            }
            for other in others {
                let there = claim.judge(results, other);
                if judged.differs(&there) {
                    let there = there.verdict;
                    let other = plain(other);
                    out.push_str(&format!("  {:<21}   on {other}: {there}\n", ""));
                }
            }
            if judged.verdict == Verdict::Open {
                out.push_str(&format!("  {:<21}   to be decided by {}\n", "", claim.decides));
            }
        }
        let counts: Vec<String> =
            counts.iter().map(|(verdict, count)| format!("{verdict}: {count}")).collect();
        out.push_str(&format!("\n{} claims ({})\n", self.all.len(), counts.join(", ")));
        let tests = self.all.iter().map(|claim| claim.tests.len()).sum::<usize>();
        let after = self.written_after().count();
        out.push_str(&format!(
            "{tests} tests, of which {after} have a threshold written after a record\n"
        ));
        out
    }

    /// The tests whose threshold was written after a record, each with its claim and why.
    pub fn written_after(&self) -> impl Iterator<Item = (&Claim, &Test, &str)> {
        let all = self.all.iter();
        let tests = all.flat_map(|claim| claim.tests.iter().map(move |test| (claim, test)));
        tests.filter_map(|(claim, test)| Some((claim, test, test.after_record.as_deref()?)))
    }

    /// Which of the articles make `claim`, by name.
    pub fn who_says<'a>(&'a self, claim: &'a Claim) -> impl Iterator<Item = &'a str> {
        let letters = claim.letters().into_iter();
        letters.filter_map(|letter| Some(self.sources.get(&letter)?.as_str()))
    }

    /// # Errors
    /// When there is none of that id; the message names the nearest.
    pub fn get(&self, id: &str) -> Result<&Claim> {
        self.all.iter().find(|claim| claim.id == id).ok_or_else(|| {
            let known = self.all.iter().map(|claim| claim.id.as_str());
            Unknown::new(format!("no claim is called `{id}`"), id, known).into()
        })
    }
}

impl Claim {
    /// # Errors
    /// When its id is no address, or a text of it would act where it is shown.
    fn validate(&self) -> Result<()> {
        let is_part =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        if self.id.is_empty() || !self.id.chars().all(is_part) {
            bail!(
                "id: it has small letters, digits, dashes and underscores, since links have it"
            );
        }
        let texts = [
            ("topic", &self.topic),
            ("claim", &self.claim),
            ("articles", &self.articles),
            ("decides", &self.decides),
        ];
        let when = self.tests.iter().map(|test| ("when", &test.when));
        let after = self.tests.iter().filter_map(|test| test.after_record.as_ref());
        let after = after.map(|why| ("after-record", why));
        for (name, text) in texts.into_iter().chain(when).chain(after) {
            if text.contains(acts) {
                bail!("{name}: it is one line, without control characters");
            }
            if text.trim().is_empty() && !["articles", "when"].contains(&name) {
                bail!("{name}: it says nothing");
            }
        }
        match (&self.field, &self.link) {
            (None, None) => {}
            (Some(field), Some(link)) => {
                if field.contains(acts) || field.trim().is_empty() {
                    bail!("field: it is one line, and says who says so");
                }
                let is_address = |c: char| c.is_ascii_graphic() && !"<>\"\\^`{|}".contains(c);
                if !link.starts_with("https://") || !link.chars().all(is_address) {
                    bail!("link: it is an address that begins with https://");
                }
            }
            _ => bail!("field and link stand together: who says so, and where"),
        }
        if self.says.is_some() != self.said_of.is_some() {
            bail!("says and said-of stand together: a sentence, and the outcome it tells");
        }
        if self.says.is_none() && !self.otherwise.is_empty() {
            bail!("otherwise: it stands beside `says`, which is of the reference");
        }
        for (says, of) in self.sentences() {
            if says.contains(acts) || says.trim().is_empty() {
                bail!("says: it is one line, and says something");
            }
            if !outcomes(of).all(|signs| {
                signs.chars().all(|c| "+-?0".contains(c))
                    && signs.chars().count() == self.tests.len()
            }) {
                bail!(
                    "said-of: it has a sign for each of the {} tests: + holds, - does not, \
                     ? is undecided, 0 is not tried; commas between outcomes",
                    self.tests.len()
                );
            }
        }
        // It is Markdown, and enters a page when directives have been read.
        if self.argued.as_ref().is_some_and(|argued| argued.contains("{{")) {
            bail!("argued: it has no directives");
        }
        Ok(())
    }

    /// The letters of the articles that make it.
    pub fn letters(&self) -> Vec<String> {
        self.articles.chars().filter(|c| c.is_alphanumeric()).map(String::from).collect()
    }

    /// The sentence that was written for how the tests came out, if there is one.
    pub fn sentence(&self, judged: &Judgment) -> Option<&str> {
        let signs = judged.signs();
        self.sentences()
            .find_map(|(says, of)| outcomes(of).any(|of| of == signs).then_some(says))
    }

    /// All its sentences, each with the outcomes that it was written for.
    fn sentences(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self.says.as_deref().zip(self.said_of.as_deref());
        let others = self.otherwise.iter().map(|other| (&*other.says, &*other.said_of));
        own.into_iter().chain(others)
    }

    /// Judges the claim by the records of one machine.
    pub fn judge(&self, results: &Results, machine: &str) -> Judgment {
        if self.tests.is_empty() {
            let verdict = if self.argued.is_some() { Verdict::Argued } else { Verdict::Open };
            return Judgment { verdict, reasons: Vec::new() };
        }
        let reasons: Vec<Reason> = self
            .tests
            .iter()
            .map(|test| {
                let record = results.record(machine, &test.experiment);
                let (verdict, measured) = match record {
                    None => (Verdict::Untried, format!("no record of `{}`", test.experiment)),
                    Some(record) if record.machine.hardware_threads < self.needs_cores => {
                        (Verdict::Untried, format!("needs {} cores", self.needs_cores))
                    }
                    Some(record) => test.holds.judge(record).unwrap_or_else(|e| {
                        // The hint is for who wrote the test; elsewhere it is the machine
                        // that lacks an interpreter.
                        let why = match e.downcast::<Unknown>() {
                            Ok(unknown) if machine != results.reference => unknown.text,
                            Ok(unknown) => unknown.to_string(),
                            Err(e) => format!("{e:#}"),
                        };
                        (Verdict::Untried, why)
                    }),
                };
                let parts = record.filter(|_| verdict != Verdict::Untried);
                let parts = parts.and_then(|r| test.holds.parts(r).ok()).unwrap_or_default();
                let of = |part: Part| Part {
                    asks: format!("{}: {}", test.experiment, part.asks),
                    ..part
                };
                Reason {
                    parts: parts.into_iter().map(of).collect(),
                    when: test.when.clone(),
                    holds: test.holds.to_string(),
                    refuted_by: test.holds.refuted_by(),
                    experiment: test.experiment.clone(),
                    verdict,
                    measured,
                    after_record: test.after_record.clone(),
                }
            })
            .collect();
        let tried: Vec<Verdict> =
            reasons.iter().map(|r| r.verdict).filter(|v| *v != Verdict::Untried).collect();
        Judgment { verdict: combine(&tried), reasons }
    }
}

/// The outcomes that a sentence is of, each as its signs.
fn outcomes(of: &str) -> impl Iterator<Item = String> {
    of.split(',').map(|one| one.split_whitespace().collect())
}

fn sign(verdict: Verdict) -> char {
    match verdict {
        Verdict::Holds => '+',
        Verdict::Fails => '-',
        Verdict::Undecided => '?',
        _ => '0',
    }
}

/// What a claim's tests say together. Tests that disagree do so whichever way one more, that
/// is undecided, would fall; where those that are decided agree, it could still part them.
fn combine(tests: &[Verdict]) -> Verdict {
    let has = |verdict| tests.contains(&verdict);
    match (has(Verdict::Holds), has(Verdict::Fails), has(Verdict::Undecided)) {
        (true, true, _) => Verdict::Depends,
        (_, _, true) => Verdict::Undecided,
        (true, false, false) => Verdict::Holds,
        (false, true, false) => Verdict::Fails,
        (false, false, false) => Verdict::Untried,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::condition::tests::records;
    use crate::store::record::tests::demo;

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
            ..Results::default()
        }
    }

    fn test(when: &str, holds: &str) -> String {
        format!("[[claim.test]]\nwhen = '{when}'\nexperiment = 'demo'\nholds = '{holds}'\n")
    }

    #[test]
    fn a_claim_is_one_line_and_its_id_an_address() {
        let fault = |field: &str, value: &str| {
            let mut fields = BTreeMap::from(
                ["topic", "claim", "decides"].map(|field| (field, "x".to_owned())),
            );
            fields.insert("id", "x".into());
            fields.insert(field, value.into());
            let fields = fields.iter().map(|(field, value)| format!("{field} = {value:?}\n"));
            Claims::parse(&format!("[[claim]]\n{}", fields.collect::<String>()))
                .map_err(|e| format!("{e:#}"))
        };
        assert!(fault("id", "thread-native_2").is_ok());
        for id in ["", "a b", "A", "a\"", "a/b", "{{#include x}}", "ä"] {
            assert!(fault("id", id).unwrap_err().contains("digits, dashes"), "{id}");
        }
        for field in ["topic", "claim", "articles", "decides"] {
            let text = fault(field, "a\nb").unwrap_err();
            assert!(text.contains(&format!("claim `x`: {field}: it is one line")), "{text}");
        }
        assert!(fault("topic", " ").unwrap_err().contains("topic: it says nothing"));
        let text = fault("argued", "see {{#include ../a}}").unwrap_err();
        assert!(text.contains("argued: it has no directives"), "{text}");
        assert!(fault("claim", "<b> & {{#include x}}").is_ok(), "it is shown as it is");
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
    fn the_ledger_tells_where_another_machine_differs_by_what_both_have_tried() {
        let mut results = results();
        let (mut slow, mut lacking) = (demo(), demo());
        slow.variants[1].samples[0].wall_ns = vec![100_000_000; 3];
        lacking.variants.truncate(2);
        for (name, record) in [("slow", slow), ("lacking", lacking)] {
            let records = BTreeMap::from([("demo".to_owned(), record)]);
            results.machines.insert(name.into(), records);
        }
        let rust = test("in Rust", "chain/threads.speedup > 1.5");
        let python = test("in Python", "python/chain/threads.speedup > 1.5");
        let claims = Claims { sources: BTreeMap::new(), all: vec![ledger(&(rust + &python))] };
        assert_eq!(claims.all[0].judge(&results, "lacking").verdict, Verdict::Holds);
        let text = claims.ledger(&results, "ref", &["lacking", "slow"]);
        assert!(text.contains("on slow: does not hold\n"), "{text}");
        assert!(!text.contains("lacking"), "it lacks what would disagree: {text}");
    }

    #[test]
    fn where_some_are_named_every_letter_has_a_name() {
        let claim =
            "[[claim]]\nid = 'x'\ntopic = 't'\nclaim = 'c'\ndecides = 'd'\narticles = 'AB'\n";
        assert!(Claims::parse(claim).is_ok(), "letters stand for themselves");
        let claims = Claims::parse(&format!("[sources]\nA = 'a'\nB = 'b'\n{claim}")).unwrap();
        assert_eq!(claims.who_says(&claims.all[0]).collect::<Vec<_>>(), ["a", "b"]);
        let text = Claims::parse(&format!("[sources]\nA = 'a'\n{claim}")).unwrap_err();
        assert!(format!("{text:#}").contains("nothing says who `B` is"), "{text:#}");
    }

    #[test]
    fn a_claim_of_the_field_has_an_address_where_it_is_made() {
        let with = |more: &str| {
            let claim = "[[claim]]\nid = 'x'\ntopic = 't'\nclaim = 'c'\ndecides = 'd'\n";
            Claims::parse(&format!("{claim}{more}")).map_err(|e| format!("{e:#}"))
        };
        let claims = with("field = 'f'\nlink = 'https://example.com/a#b'").unwrap();
        assert_eq!(claims.all[0].field.as_deref(), Some("f"));
        for (more, why) in [
            ("field = 'f'", "stand together"),
            ("link = 'https://example.com'", "stand together"),
            ("field = ' '\nlink = 'https://example.com'", "says who"),
            ("field = 'f'\nlink = 'javascript:alert(1)'", "begins with https://"),
            ("field = 'f'\nlink = 'https://a\"b'", "begins with https://"),
        ] {
            let told = with(more).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }

    #[test]
    fn every_verdict_source_and_chapter_of_the_ledger_can_be_filtered_by() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let css = std::fs::read_to_string(root.join("theme/figures.css")).unwrap();
        let verdicts =
            ["holds", "does-not-hold", "depends", "undecided", "argued"].map(String::from);
        let verdicts = verdicts.map(|v| (format!("verdict-is-{v}"), format!("of-is-{v}")));
        let sources = the_ledger().sources.into_keys();
        let sources = sources.map(|s| (format!("source-by-{s}"), format!("by-{s}")));
        let others = ["field", "ours"].map(|s| (format!("source-by-{s}"), format!("by-{s}")));
        let chapters = std::fs::read_dir(root.join("book")).unwrap().filter_map(|file| {
            let path = file.unwrap().path();
            let judges =
                std::fs::read_to_string(&path).is_ok_and(|t| t.contains("{{#verdict "));
            let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
            judges.then(|| (format!("chapter-in-{stem}"), format!("in-{stem}")))
        });
        for (choice, entry) in verdicts.into_iter().chain(sources).chain(others).chain(chapters)
        {
            let rule = format!("main:has(#{choice}:checked) .entry:not(.{entry})");
            assert!(css.contains(&rule), "theme/figures.css: {rule}");
        }
    }

    fn the_ledger() -> Claims {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        Claims::read(&root.join("book/claims.toml")).unwrap()
    }

    #[test]
    fn each_test_of_the_ledger_holds_over_one_record_and_each_part_of_it_fails_over_another() {
        let mut tried = 0;
        for claim in the_ledger().all {
            for Test { holds, .. } in &claim.tests {
                let (holding, failing) = records(holds);
                let (verdict, measured) = holds.judge(&holding).unwrap();
                assert_eq!(verdict, Verdict::Holds, "{}: {holds}: {measured}", claim.id);
                for record in failing {
                    let (verdict, measured) = holds.judge(&record).unwrap();
                    assert_eq!(verdict, Verdict::Fails, "{}: {holds}: {measured}", claim.id);
                    tried += 1;
                }
                assert!(!holds.refuted_by().is_empty());
            }
        }
        assert!(tried > 200, "{tried}");
    }

    #[test]
    fn a_sentence_is_said_of_the_outcome_that_it_was_written_for_and_of_no_other() {
        let tests =
            test("", "chain/threads.speedup > 1.5") + &test("", "chain/threads.speedup > 2.5");
        let with =
            |of: &str| ledger(&format!("says = 'It depends.'\nsaid-of = '{of}'\n{tests}"));
        let judged = with("+ -").judge(&results(), "ref");
        assert_eq!(judged.signs(), "+-");
        assert_eq!(with("+ -").sentence(&judged), Some("It depends."));
        assert_eq!(with("+?").sentence(&judged), None);
        assert_eq!(with("+?, + -").sentence(&judged), Some("It depends."));
        assert_eq!(judged.tally(), "Of 2 tests 1 holds, 1 does not.");
        let other = "says = 'Here.'\nsaid-of = '++'\n[[claim.otherwise]]\n\
                     says = 'There.'\nsaid-of = '+-, 00'\n";
        assert_eq!(ledger(&(other.to_owned() + &tests)).sentence(&judged), Some("There."));
        let fault = |fields: &str| {
            let head = "[[claim]]\nid = 'x'\ntopic = 't'\nclaim = 'c'\ndecides = 'd'\n";
            let text = format!("{head}{fields}\n{tests}");
            format!("{:#}", Claims::parse(&text).unwrap_err())
        };
        assert!(fault("says = 'x'\nsaid-of = '+'").contains("a sign for each of the 2 tests"));
        assert!(fault("says = 'x'\nsaid-of = '+x'").contains("a sign for each"));
        assert!(fault("says = 'x'").contains("stand together"));
        assert!(fault("says = ' '\nsaid-of = '+-'").contains("says something"));
        let other = "[[claim.otherwise]]\nsays = 'x'\nsaid-of =";
        assert!(fault(&format!("{other} '+-'")).contains("stands beside `says`"));
        let with_own = format!("says = 'x'\nsaid-of = '++'\n{other}");
        assert!(fault(&format!("{with_own} '+-,+'")).contains("a sign for each"));
    }

    #[test]
    fn every_claim_has_its_sentence_and_no_sentence_types_a_number() {
        let named = regex::Regex::new(r"C?Python \d\.\d+").unwrap();
        for claim in the_ledger().all {
            assert!(claim.says.is_some(), "{}: it says nothing yet", claim.id);
            for (says, _) in claim.sentences() {
                let says = named.replace_all(says, "");
                assert!(!says.contains(|c: char| c.is_ascii_digit()), "{}: {says}", claim.id);
            }
        }
    }

    #[test]
    fn a_test_that_cannot_fail_is_refused_with_its_claim() {
        for (holds, says) in [
            ("chain/threads.wall >= 0 ms", "cannot fail: a time is not negative"),
            ("chain/threads.lost_share <= 100 %", "cannot fail: a share lies between"),
            ("chain/threads.wall / chain/threads.wall == 1", "cannot fail: anything over"),
        ] {
            let text = format!(
                "[[claim]]\nid = 'x'\ntopic = 't'\nclaim = 'c'\ndecides = 'd'\n{}",
                test("", holds)
            );
            let fault = format!("{:#}", Claims::parse(&text).unwrap_err());
            assert!(fault.contains(says), "{fault}");
        }
    }

    #[test]
    fn a_threshold_written_after_a_record_is_told_with_why_and_counted() {
        let text = test("", "chain/threads.speedup > 1.5") + "after-record = 'seen before'\n";
        let early = test("", "chain/threads.speedup > 1.6");
        let claims = Claims { sources: BTreeMap::new(), all: vec![ledger(&(text + &early))] };
        let told = claims.ledger(&results(), "ref", &[]);
        assert!(told.contains("threshold written after a record: seen before\n"), "{told}");
        assert!(told.contains("refuted by chain/threads.speedup ≤ 1.5\n"), "{told}");
        assert!(
            told.ends_with("2 tests, of which 1 have a threshold written after a record\n")
        );
        let why = |why: &str| {
            let field = format!("after-record = {why:?}\n");
            let claim = "[[claim]]\nid = 'x'\ntopic = 't'\nclaim = 'c'\ndecides = 'd'\n";
            Claims::parse(&format!("{claim}{}{field}", test("", "a.wall > 1 s")))
        };
        assert!(
            format!("{:#}", why(" ").unwrap_err()).contains("after-record: it says nothing")
        );
        assert!(format!("{:#}", why("a\nb").unwrap_err()).contains("after-record: it is one"));
    }

    #[test]
    fn a_comment_that_a_threshold_came_late_stands_beside_the_field_that_says_so() {
        let late = regex::Regex::new(
            r"(?i)\b(added|written|stated|set|chosen|new|changed)\b[^.]*\bafter\b[^.]*\b(record|trial|run|measure)",
        );
        let late = late.unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let text = std::fs::read_to_string(root.join("book/claims.toml")).unwrap();
        // Of the file's own head nothing is asked.
        let (_, text) = text.split_once("[[claim]]").unwrap();
        let mut comment = String::new();
        let mut blocks = text.split("\n\n");
        let silent = |block: &str, comment: &mut String| {
            let is_comment = |line: &&str| line.starts_with('#');
            comment.clear();
            let words =
                block.lines().filter(is_comment).map(|line| line.trim_start_matches('#'));
            comment.extend(words);
            late.is_match(comment) && !block.contains("\nafter-record = ")
        };
        let found = blocks.find(|block| silent(block, &mut comment));
        assert_eq!(found, None, "say it by the field `after-record`");
        let planted = "# Added after the record, with the threshold above.\n[[claim.test]]\n";
        assert!(silent(planted, &mut comment) && !silent("# After all.\n[[x]]", &mut comment));
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
