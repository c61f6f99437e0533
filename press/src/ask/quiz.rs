//! Questions that readers answer: `book/quiz.toml`. Which option is right is nobody's opinion:
//! each has a condition over records, so that the key follows the machine.
//!
//! ```toml
//! [[question]]
//! id = "threads-in-cpython"
//! page = "threads"
//! ask = "CPython with its lock, two threads that count, two cores. How fast?"
//! why = "One thread of a process runs bytecode at a time."
//! claim = "thread-gil-cpu"
//! [[question.option]]
//! text = "As fast as one thread"
//! right = "threads_cpu: python/chain/threads.speedup < 1.1"
//! ```
//!
//! Instead of conditions a question may have a `number` with `bounds`, and its options are the
//! ranges between them; or `least` or `most`, a metric by which the `lane` of one option stands
//! before those of all the others. Both become conditions here.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;
use toml::Spanned;

use crate::ask::claims::{Condition, Verdict};
use crate::ask::file;
use crate::ask::near::Unknown;
use crate::ask::plain::{acts, plain};
use crate::store::results::Results;

/// The file, below the root of the book.
pub const FILE: &str = "book/quiz.toml";

/// All questions, and the chapters they are about, in the order of the book.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quiz {
    /// The questions; those of a page in their order.
    pub questions: Vec<Question>,
    /// The pages in the table of contents.
    pub chapters: Vec<Chapter>,
}

/// A page that questions are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// `threads`, of `threads.md`.
    pub page: String,
    /// What it is called.
    pub title: String,
    /// The page that it stands below, or itself.
    pub part: String,
}

/// A question.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Its name in addresses.
    pub id: String,
    /// The page that answers it: `threads`, of `threads.md`.
    pub page: String,
    /// What is asked.
    pub ask: String,
    /// What is offered.
    pub options: Vec<Choice>,
    /// What its options are made of.
    pub form: Form,
    /// Why what is right is right, without a number.
    pub why: String,
    /// The section that says so: `#a-heading`, or `locks.md#a-heading`.
    pub see: Option<String>,
    /// The claim that it is about.
    pub claim: Option<String>,
    /// The line of the file.
    pub line: usize,
}

/// What the options of a question are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Conditions of their own.
    Conditions,
    /// Ranges of a number, which stay in their order.
    Ranges,
    /// Lanes, of which one stands before all others.
    Lanes,
}

impl Form {
    /// What is said before what was measured.
    pub fn measured(self) -> &'static str {
        match self {
            Form::Lanes => "Measured against each of the others",
            Form::Conditions | Form::Ranges => "Measured",
        }
    }
}

/// An answer that is offered.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What it says.
    pub text: String,
    /// What must be so for it to be right, and by which experiment. Without one it is wrong
    /// whatever was measured.
    pub right: Option<(String, Condition)>,
    /// The claim of the ledger that says the same.
    pub said: Option<String>,
}

/// Which option is right by the records of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// The one with this place, and what was measured.
    Right(usize, String),
    /// None, or more than one: why, in words.
    Open(String),
    /// A record is missing, or what is asked of it: why.
    Untried(String),
}

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    question: Vec<Spanned<Entry>>,
}

/// A question, as it stands there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    page: String,
    ask: String,
    why: String,
    see: Option<String>,
    claim: Option<String>,
    number: Option<String>,
    bounds: Option<Vec<String>>,
    least: Option<String>,
    most: Option<String>,
    #[serde(default)]
    option: Vec<OptionEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OptionEntry {
    text: String,
    right: Option<String>,
    lane: Option<String>,
    said: Option<String>,
}

impl Quiz {
    /// The questions of the book at `root`; none where it has none.
    ///
    /// # Errors
    /// When the file is not understood; the message has its line.
    pub fn read(root: &Path) -> Result<Quiz> {
        let read = |path: &Path| {
            std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))
        };
        let path = root.join(FILE);
        if !path.is_file() {
            return Ok(Quiz::default());
        }
        let questions = questions(&read(&path)?).map_err(|e| anyhow!("{FILE}:{e:#}"))?;
        let chapters = chapters(&read(&root.join("book/SUMMARY.md"))?);
        let mut quiz = Quiz { questions, chapters };
        for question in &quiz.questions {
            quiz.chapter(&question.page)
                .with_context(|| format!("{FILE}:{}: `{}`", question.line, question.id))?;
        }
        let place = |page: &str| quiz.chapters.iter().position(|one| one.page == page);
        let mut sorted = quiz.questions.clone();
        sorted.sort_by_key(|question| place(&question.page));
        quiz.questions = sorted;
        Ok(quiz)
    }

    /// The chapter of that page.
    ///
    /// # Errors
    /// When there is none; the message names the nearest.
    pub fn chapter(&self, page: &str) -> Result<&Chapter> {
        self.chapters.iter().find(|one| one.page == page).ok_or_else(|| {
            let text = format!("no chapter is called `{}`", plain(page));
            let known = self.chapters.iter().map(|one| one.page.as_str());
            Unknown::new(text, page, known).into()
        })
    }

    /// The questions of one page.
    pub fn of_page<'q>(&'q self, page: &'q str) -> impl Iterator<Item = &'q Question> {
        self.questions.iter().filter(move |question| question.page == page)
    }

    /// The quiz of that seed: `count` questions of all that `is_wanted`, in its order.
    pub fn draw(
        &self,
        seed: u32,
        count: usize,
        is_wanted: impl Fn(&Question) -> bool,
    ) -> Vec<&Question> {
        let pool: Vec<&Question> = self.questions.iter().filter(|q| is_wanted(q)).collect();
        let ids: Vec<&str> = pool.iter().map(|question| question.id.as_str()).collect();
        drawn(seed, &ids).into_iter().take(count).map(|i| pool[i]).collect()
    }
}

impl Question {
    /// The places of its options in the order in which that seed shows them.
    pub fn order(&self, seed: u32) -> Vec<usize> {
        match self.form {
            Form::Ranges => (0..self.options.len()).collect(),
            Form::Conditions | Form::Lanes => shuffled(seed, &self.id, self.options.len()),
        }
    }

    /// Which option is right by the records of `machine`.
    pub fn key(&self, results: &Results, machine: &str) -> Key {
        let mut right = Vec::new();
        let mut open = Vec::new();
        for (i, Choice { right: condition, .. }) in self.options.iter().enumerate() {
            let Some((experiment, condition)) = condition else { continue };
            let Some(record) = results.record(machine, experiment) else {
                return Key::Untried(format!("there is no record of {experiment}"));
            };
            match condition.judge(record) {
                Ok((Verdict::Holds, measured)) => right.push((i, measured)),
                Ok((Verdict::Undecided, measured)) => open.push((i, measured)),
                Ok(_) => {}
                Err(e) => return Key::Untried(e.to_string()),
            }
        }
        let named = |all: &[(usize, String)]| {
            let names: Vec<String> = all
                .iter()
                .map(|(i, measured)| format!("“{}” ({measured})", self.options[*i].text))
                .collect();
            names.join(" and ")
        };
        match (&right[..], &open[..]) {
            ([(i, measured)], []) => Key::Right(*i, measured.clone()),
            ([], []) => Key::Open("none of these is so".into()),
            (_, []) => Key::Open(format!("more than one is so: {}", named(&right))),
            _ => Key::Open(format!("it is not decided: {}", named(&open))),
        }
    }

    /// The right option by the reference, which must have one, and what was measured.
    ///
    /// # Errors
    /// When it has not: where the question stands, and how to mend it.
    pub fn reference_key(&self, results: &Results) -> Result<(usize, String)> {
        let reference = &results.reference;
        let why = match self.key(results, reference) {
            Key::Right(i, measured) => return Ok((i, measured)),
            Key::Open(why) | Key::Untried(why) => why,
        };
        bail!(
            "{FILE}:{}: the question `{}` has no key on {reference}: {why}; change its options \
             or what it asks, until exactly one of them is right there",
            self.line,
            self.id
        )
    }
}

/// What FNV-1a makes of the bytes of `text`, its bits mixed as at the end of MurmurHash3.
/// `theme/src/quiz.ts` has the same, and both are held to one file, so that a seed is the same
/// quiz in a terminal and in a browser.
fn mixed(text: &str) -> u32 {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let mut hash = text.bytes().fold(0x811c_9dc5, step);
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

/// The places of `ids`, in the order in which that seed draws them.
fn drawn(seed: u32, ids: &[&str]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..ids.len()).collect();
    places.sort_by_key(|&i| (mixed(&format!("{seed} {}", ids[i])), i));
    places
}

/// The places of the options of question `id`, as that seed shuffles them.
fn shuffled(seed: u32, id: &str, options: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..options).collect();
    places.sort_by_key(|&i| (mixed(&format!("{seed} {id} {i}")), i));
    places
}

/// The pages of a table of contents that stand in its list.
fn chapters(summary: &str) -> Vec<Chapter> {
    let mut part = String::new();
    let lines = summary.lines().filter_map(|line| {
        let item = line.trim_start().strip_prefix("- [")?;
        let (title, link) = item.split_once("](")?;
        let page = link.trim_end().strip_suffix(".md)")?.to_owned();
        if !line.starts_with(' ') {
            part.clone_from(&page);
        }
        Some(Chapter { page, title: title.to_owned(), part: part.clone() })
    });
    lines.collect()
}

/// The text of the file; a message begins with the line, `12: `.
fn questions(text: &str) -> Result<Vec<Question>> {
    let whole: File = file::read(text)?;
    let mut all: Vec<Question> = Vec::new();
    for entry in whole.question {
        let line = file::line(text, &entry.span());
        let entry = entry.into_inner();
        let called = format!("{line}: the question `{}`", plain(&entry.id));
        if all.iter().any(|other| other.id == entry.id) {
            bail!("{called} is there twice");
        }
        all.push(entry.question(line).context(called)?);
    }
    Ok(all)
}

impl Entry {
    fn question(self, line: usize) -> Result<Question> {
        let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.id.is_empty() || !self.id.chars().all(is_part) {
            bail!("id: it has small letters, digits and dashes, since addresses have it");
        }
        let texts =
            [&self.ask, &self.why].into_iter().chain(self.option.iter().map(|o| &o.text));
        for text in texts {
            if text.trim().is_empty() || text.contains(acts) {
                bail!("a text of it says nothing, or is more than a line");
            }
        }
        if self.why.contains(|c: char| c.is_ascii_digit()) {
            bail!("why: no number is typed; what was measured stands beside it");
        }
        if self.see.is_none() && self.claim.is_none() {
            bail!("say where the page answers it: `see = \"#a-heading\"`, or `claim`");
        }
        if self.see.as_ref().is_some_and(|see| !see.contains('#')) {
            bail!("see: a section is `#a-heading`, or `page.md#a-heading`");
        }
        let forms = [self.number.is_some(), self.least.is_some(), self.most.is_some()];
        if forms.into_iter().filter(|is| *is).count() > 1 {
            bail!("it has one of `number`, `least` and `most`");
        }
        let (form, options) = match (&self.number, &self.least, &self.most) {
            (Some(number), ..) => (Form::Ranges, self.ranges(number)?),
            (_, Some(asked), _) => (Form::Lanes, self.ranked(asked, "<")?),
            (.., Some(asked)) => (Form::Lanes, self.ranked(asked, ">")?),
            _ => (Form::Conditions, self.conditions()?),
        };
        if !(3..=5).contains(&options.len()) {
            bail!("it has {} options; three to five are a choice", options.len());
        }
        if options.iter().filter(|option| option.right.is_some()).count() < 2 {
            bail!("only one of its options can be right; no record could change its key");
        }
        for (i, option) in options.iter().enumerate() {
            if options[..i].iter().any(|other| other.text == option.text) {
                bail!("`{}` is offered twice", option.text);
            }
        }
        let Entry { id, page, ask, why, see, claim, .. } = self;
        Ok(Question { id, page, ask, options, form, why, see, claim, line })
    }

    fn conditions(&self) -> Result<Vec<Choice>> {
        if self.bounds.is_some() {
            bail!("`bounds` are those of a `number`");
        }
        let one = |OptionEntry { text, right, lane, said }: &OptionEntry| {
            if lane.is_some() {
                bail!("a `lane` is compared by `least` or `most`");
            }
            let right = right.as_deref().map(asked_of).transpose()?;
            let right = right.map(|(experiment, text)| {
                Ok::<_, anyhow::Error>((experiment.to_owned(), Condition::parse(text)?))
            });
            Ok(Choice { text: text.clone(), right: right.transpose()?, said: said.clone() })
        };
        self.option.iter().map(one).collect()
    }

    /// The ranges between the bounds of a number.
    fn ranges(&self, number: &str) -> Result<Vec<Choice>> {
        let (experiment, selector) = asked_of(number)?;
        if !self.option.is_empty() {
            bail!("its options are the ranges between `bounds`; write none");
        }
        let bounds = self.bounds.as_deref().unwrap_or_default();
        let (Some(first), Some(last)) = (bounds.first(), bounds.last()) else {
            bail!("`number` has `bounds` beside it");
        };
        let mut ranges = vec![(format!("less than {first}"), format!("{selector} < {first}"))];
        for pair in bounds.windows(2) {
            let [low, high] = pair else { continue };
            let condition = format!("{selector} >= {low} and {selector} < {high}");
            ranges.push((format!("{low} to {high}"), condition));
        }
        ranges.push((format!("{last} or more"), format!("{selector} >= {last}")));
        let range = |(text, condition): (String, String)| {
            let right = Some((experiment.to_owned(), Condition::parse(&condition)?));
            Ok(Choice { text, right, said: None })
        };
        ranges.into_iter().map(range).collect()
    }

    /// Lanes of one experiment, of which one has the least or the most.
    fn ranked(&self, asked: &str, sign: &str) -> Result<Vec<Choice>> {
        let (experiment, metric) = asked_of(asked)?;
        let lanes: Vec<Option<&str>> = self.option.iter().map(|o| o.lane.as_deref()).collect();
        let one = |(i, OptionEntry { text, right, lane, said }): (usize, &OptionEntry)| {
            let Some(lane) = lane else {
                bail!("`{text}` has no `lane` to compare");
            };
            if right.is_some() {
                bail!("`{text}` has a `lane`; its condition is made of that");
            }
            let others = lanes.iter().enumerate().filter(|(j, _)| *j != i);
            let parts: Vec<String> = others
                .filter_map(|(_, other)| *other)
                .map(|other| format!("{lane}.{metric} / {other}.{metric} {sign} 1"))
                .collect();
            let condition = Condition::parse(&parts.join(" and "))?;
            let right = Some((experiment.to_owned(), condition));
            Ok(Choice { text: text.clone(), right, said: said.clone() })
        };
        self.option.iter().enumerate().map(one).collect()
    }
}

/// `experiment: text`.
fn asked_of(text: &str) -> Result<(&str, &str)> {
    let (experiment, rest) = text.split_once(':').with_context(|| {
        format!("`{}` names no experiment; write `experiment: …`", plain(text))
    })?;
    Ok((experiment.trim(), rest.trim()))
}

/// What a seed gives, for whoever must give the same: `theme/src/quiz.ts` is held to the file
/// that this is.
///
/// A line for each of some seeds: the seed, the places of three ids as they are drawn, and
/// those of four options of each.
#[cfg(test)]
fn golden() -> String {
    let ids = ["threads-in-cpython", "locks-1", "a"];
    let mut out = String::from("[\n");
    let seeds = (0..100).chain([1000, 65_536, 4_294_967_295]);
    let lines: Vec<String> = seeds
        .map(|seed| {
            let options: Vec<Vec<usize>> = ids.iter().map(|id| shuffled(seed, id, 4)).collect();
            format!(
                "  {{\"seed\":{seed},\"ids\":{ids:?},\"drawn\":{:?},\"options\":{options:?}}}",
                drawn(seed, &ids)
            )
        })
        .collect();
    out.push_str(&lines.join(",\n"));
    out.push_str("\n]\n");
    out
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::store::record::Record;
    use crate::store::record::tests::demo;
    use std::collections::BTreeMap;

    /// Three ways to ask the demo.
    pub(crate) const ASKED: &str = r##"
[[question]]
id = "faster"
page = "page"
ask = "Two `threads`, two cores. How much faster?"
why = "Each has a core."
see = "#why"
number = "demo: chain/threads.speedup"
bounds = ["1.2 ×", "1.7 ×"]

[[question]]
id = "gil"
page = "page"
ask = "And in <Python>?"
why = "One at a time."
claim = "c"
[[question.option]]
text = "As fast as one"
right = "demo: python/chain/threads.speedup < 1.2"
[[question.option]]
text = "Twice as fast"
right = "demo: python/chain/threads.speedup > 1.7"
said = "c"
[[question.option]]
text = "It *crashes*"

[[question]]
id = "first"
page = "page"
ask = "Which takes least?"
why = "So it is."
see = "#why"
least = "demo: wall"
[[question.option]]
text = "threads"
lane = "chain/threads"
[[question.option]]
text = "one by one"
lane = "chain/sequential"
[[question.option]]
text = "Python's threads"
lane = "python/chain/threads"
"##;

    pub(crate) fn quiz(text: &str) -> Quiz {
        let chapters = chapters("- [A page](page.md)\n  - [Below](below.md)\n");
        Quiz { questions: questions(text).unwrap(), chapters }
    }

    fn results(record: Record) -> Results {
        let records = BTreeMap::from([("demo".to_owned(), record)]);
        let machines = BTreeMap::from([("ref".to_owned(), records)]);
        Results { reference: "ref".into(), machines, ..Results::default() }
    }

    fn keys(record: Record) -> Vec<Key> {
        let results = results(record);
        quiz(ASKED).questions.iter().map(|question| question.key(&results, "ref")).collect()
    }

    fn right(keys: &[Key]) -> Vec<Option<usize>> {
        let place = |key: &Key| match key {
            Key::Right(i, _) => Some(*i),
            _ => None,
        };
        keys.iter().map(place).collect()
    }

    /// The demo with another wall-clock time for one of its lanes.
    fn with(runner: &str, name: &str, times: f64) -> Record {
        let mut record = demo();
        for variant in &mut record.variants {
            if variant.runner.starts_with(runner) && variant.name == name {
                for samples in &mut variant.samples {
                    for wall in &mut samples.wall_ns {
                        *wall = (*wall as f64 * times) as u64;
                    }
                }
            }
        }
        record
    }

    #[test]
    fn a_record_that_flips_flips_the_key() {
        assert_eq!(right(&keys(demo())), [Some(2), Some(0), Some(0)]);
        // Threads as slow as one: another range, and another is the first.
        assert_eq!(right(&keys(with("rust", "threads", 3.0))), [Some(0), Some(0), Some(1)]);
        // Threads that are fast in Python.
        assert_eq!(right(&keys(with("cpython", "threads", 0.02))), [Some(2), Some(1), Some(2)]);
    }

    #[test]
    fn where_none_is_right_or_nothing_is_there_it_says_why() {
        // Neither as slow as one nor twice as fast.
        let between = with("cpython", "threads", 0.68);
        let key = &keys(between)[1];
        assert_eq!(*key, Key::Open("none of these is so".into()));
        let mut without = demo();
        without.variants.retain(|variant| variant.runner == "rust");
        assert!(matches!(&keys(without)[1], Key::Untried(_)));
        let question = &quiz(ASKED).questions[0];
        let said = question.key(&results(demo()), "nobody");
        assert_eq!(said, Key::Untried("there is no record of demo".into()));
        let two = ASKED.replace("speedup > 1.7", "speedup < 1.3");
        let said = quiz(&two).questions[1].key(&results(demo()), "ref");
        let Key::Open(said) = said else { panic!("{said:?}") };
        assert!(said.starts_with("more than one is so: “As fast as one” ("), "{said}");
    }

    #[test]
    fn on_the_reference_exactly_one_is_right_or_it_says_where_and_how_to_mend_it() {
        let results = results(with("cpython", "threads", 0.68));
        let quiz = quiz(ASKED);
        assert!(quiz.questions[0].reference_key(&results).is_ok());
        let said = quiz.questions[1].reference_key(&results).unwrap_err().to_string();
        assert!(said.starts_with("book/quiz.toml:11: the question `gil` has no key on ref"));
        assert!(said.ends_with("until exactly one of them is right there"), "{said}");
    }

    #[test]
    fn a_mistake_is_told_with_its_line_and_how_to_mend_it() {
        let with = |old: &str, new: &str| {
            assert!(ASKED.contains(old), "{old}");
            ASKED.replacen(old, new, 1)
        };
        for (text, says) in [
            (with("\"gil\"", "\"faster\""), "11: the question `faster` is there twice"),
            (with("\"gil\"", "\"A b\""), "id: it has small letters"),
            (with("why = \"One", "whence = \"One"), "unknown field `whence`"),
            (with("One at a time.", "By 5 ms."), "no number is typed"),
            (with("One at a time.", " "), "says nothing"),
            (with("claim = \"c\"\n", ""), "say where the page answers it"),
            (with("\"#why\"", "\"why\""), "see: a section is"),
            (with("[\"1.2 ×\", \"1.7 ×\"]", "[\"1.2 ×\"]"), "it has 2 options"),
            (with("bounds = [\"1.2 ×\", \"1.7 ×\"]", ""), "has `bounds` beside it"),
            (with("\"1.7 ×\"", "\"1.7 parsecs\""), "`parsecs` is not a unit"),
            (with("[\"1.2 ×\", \"1.7 ×\"]", "[\"2 ×\", \"1 ×\"]"), "exclude each other"),
            (with("number =", "most = \"demo: wall\"\nnumber ="), "it has one of"),
            (with("right = \"demo: ", "right = \""), "names no experiment"),
            (with("right = \"demo: python/chain/threads.speedup < 1.2\"\n", ""), "only one of"),
            (with("speedup > 1.7", "speedup >= 0"), "cannot fail"),
            (with("\"Twice as fast\"", "\"As fast as one\""), "is offered twice"),
            (with("lane = \"chain/sequential\"", ""), "`one by one` has no `lane`"),
            (with("lane = \"chain/sequential\"", "lane = \"chain/threads\""), "cannot"),
        ] {
            let said = format!("{:#}", questions(&text).unwrap_err());
            assert!(said.contains(says) && !said.contains('\n'), "{says}: {said}");
        }
    }

    #[test]
    fn a_seed_is_one_quiz_and_the_golden_file_has_it() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/quiz_seeds.json");
        if std::env::var_os("INSTA_UPDATE").is_some() {
            std::fs::write(&path, golden()).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap();
        assert_eq!(golden(), kept.replace("\r\n", "\n"), "what a seed gives has changed");
        let quiz = quiz(ASKED);
        let ids =
            |seed| quiz.draw(seed, 2, |_| true).iter().map(|q| q.line).collect::<Vec<_>>();
        assert_eq!(ids(7), ids(7));
        let differs = (0..20).any(|seed| ids(seed) != ids(7));
        assert!(differs, "every seed draws the same");
        // Each place is as likely as another, roughly: no option has a place of its own.
        let mut first = [0; 4];
        for seed in 0..400 {
            first[shuffled(seed, "a", 4)[0]] += 1;
        }
        assert!(first.iter().all(|&count| (60..=140).contains(&count)), "{first:?}");
        assert_eq!(quiz.questions[0].order(7), [0, 1, 2], "ranges stay in their order");
    }

    #[test]
    fn chapters_are_those_of_the_list_with_the_part_they_stand_in() {
        let summary = "[Front](index.md)\n\n- [One](one.md)\n  - [Two](two.md)\n- [T](t.md)\n\n\
                       [Back](back.md)\n";
        let all = chapters(summary);
        let told: Vec<(&str, &str)> = all.iter().map(|one| (&*one.page, &*one.part)).collect();
        assert_eq!(told, [("one", "one"), ("two", "one"), ("t", "t")]);
        let quiz = Quiz { chapters: all, ..Quiz::default() };
        let said = quiz.chapter("tow").unwrap_err().to_string();
        assert!(said.contains("did you mean `two`?"), "{said}");
    }
}
