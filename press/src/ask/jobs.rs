//! Jobs that people have: `book/jobs.toml`, for the card of the page about choosing.
//!
//! ```toml
//! [[job]]
//! id = "scraper"
//! name = "a scraper"
//! words = "pages of a few hundred sites"
//! items = 2000
//! cpu = "2 ms"
//! wait = "150 ms"
//! at-once = 100
//! ```
//!
//! What no model of time decides has instead of these numbers what is taken in Rust and in
//! Python, an argument, and who says so.

use anyhow::{Context, Result, anyhow, bail};
use bytesize::ByteSize;
use cost::{Job, Language};
use serde::Deserialize;
use toml::Spanned;

use crate::ask::file;
use crate::ask::near::Unknown;
use crate::ask::plain::{acts, plain};
use crate::ask::selector::Expression;

/// Typical jobs, in the order of the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Jobs {
    /// All of them.
    pub all: Vec<Typical>,
}

/// A job that people have.
#[derive(Clone, Debug, PartialEq)]
pub struct Typical {
    /// Its name in addresses.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it is, in a few words.
    pub words: String,
    /// What else decides, in a sentence.
    pub also: Option<String>,
    /// What decides it.
    pub decided: Decided,
}

/// What decides a job.
#[derive(Clone, Debug, PartialEq)]
pub enum Decided {
    /// The model of cost, by these numbers; the language is either.
    Computed(Job),
    /// An argument.
    Argued(Box<Argued>),
}

/// What is taken, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Argued {
    /// What is taken in Rust.
    pub rust: String,
    /// What is taken in Python.
    pub python: String,
    /// Why.
    pub because: String,
    /// Who says so, in a few words.
    pub field: String,
    /// The address where.
    pub link: String,
    /// A bound that was measured, for each language that has one, and what it is.
    pub bounds: Vec<Bound>,
}

/// A number of a record that bounds what can be promised.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// Of which language.
    pub language: Language,
    /// What it is.
    pub what: String,
    /// The experiment.
    pub experiment: String,
    /// What is asked of it.
    pub expression: Expression,
}

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    job: Vec<Spanned<Entry>>,
}

/// A job, as it stands there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    id: String,
    name: String,
    words: String,
    also: Option<String>,
    items: Option<f64>,
    cpu: Option<String>,
    wait: Option<String>,
    at_once: Option<f64>,
    bytes_in: Option<String>,
    bytes_out: Option<String>,
    cores: Option<f64>,
    memory: Option<String>,
    rust: Option<String>,
    python: Option<String>,
    because: Option<String>,
    field: Option<String>,
    link: Option<String>,
    #[serde(default)]
    bound: Vec<BoundEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BoundEntry {
    language: String,
    what: String,
    selector: String,
}

/// How many cores a job has that does not say.
const CORES: f64 = 4.0;

impl Jobs {
    /// Reads the text of the file.
    ///
    /// # Errors
    /// When it is not understood; the message begins with the line of the job, `12: `.
    pub fn parse(text: &str) -> Result<Jobs> {
        let all_of_it: File = file::read(text)?;
        let mut all: Vec<Typical> = Vec::new();
        for entry in all_of_it.job {
            let line = file::line(text, &entry.span());
            let entry = entry.into_inner();
            let called = format!("{line}: the job `{}`", plain(&entry.id));
            if all.iter().any(|other| other.id == entry.id) {
                bail!("{called} is there twice");
            }
            all.push(entry.typical().context(called)?);
        }
        Ok(Jobs { all })
    }
}

impl Entry {
    fn typical(self) -> Result<Typical> {
        let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.id.is_empty() || !self.id.chars().all(is_part) {
            bail!("id: it has small letters, digits and dashes, since links have it");
        }
        let others = [&self.also, &self.rust, &self.python, &self.because, &self.field];
        let texts = [&self.name, &self.words];
        for text in texts.into_iter().chain(others.into_iter().flatten()) {
            if text.trim().is_empty() || text.contains(acts) {
                bail!("a text of it says nothing, or is more than a line");
            }
        }
        let numbers = [
            self.items.is_some(),
            self.cpu.is_some(),
            self.wait.is_some(),
            self.at_once.is_some(),
            self.bytes_in.is_some(),
            self.bytes_out.is_some(),
            self.cores.is_some(),
            self.memory.is_some(),
        ];
        let is_argued = self.because.is_some();
        if is_argued && numbers.contains(&true) {
            bail!("it is computed of numbers or argued, and not both; remove one");
        }
        let decided = match is_argued {
            true => Decided::Argued(Box::new(self.argued()?)),
            false => Decided::Computed(self.computed()?),
        };
        let Entry { id, name, words, also, .. } = self;
        Ok(Typical { id, name, words, also, decided })
    }

    fn computed(&self) -> Result<Job> {
        let time = |text: &Option<String>| text.as_deref().map_or(Ok(0.0), time);
        let size = |text: &Option<String>| text.as_deref().map_or(Ok(0.0), size);
        let job = Job {
            items: self.items.context("`items` is missing, or `because` of an argument")?,
            cpu_ns: time(&self.cpu).context("cpu")?,
            wait_ns: time(&self.wait).context("wait")?,
            at_once: self.at_once.unwrap_or(1.0),
            bytes_in: size(&self.bytes_in).context("bytes-in")?,
            bytes_out: size(&self.bytes_out).context("bytes-out")?,
            cores: self.cores.unwrap_or(CORES),
            memory_bytes: size(&self.memory).context("memory")?,
            language: Language::Rust,
        };
        job.check().map_err(|why| anyhow!(why))?;
        Ok(job)
    }

    fn argued(&self) -> Result<Argued> {
        let need = |text: &Option<String>, name: &str| {
            text.clone().with_context(|| format!("`{name}` is missing beside its argument"))
        };
        let bounds = self.bound.iter().map(BoundEntry::bound).collect::<Result<_>>()?;
        let argued = Argued {
            rust: need(&self.rust, "rust")?,
            python: need(&self.python, "python")?,
            because: need(&self.because, "because")?,
            field: need(&self.field, "field")?,
            link: need(&self.link, "link")?,
            bounds,
        };
        if !argued.link.starts_with("https://") || argued.link.contains(char::is_whitespace) {
            bail!("link: it is an address that begins with https://");
        }
        let texts = [&argued.rust, &argued.python, &argued.because];
        if texts.iter().any(|text| text.contains(|c: char| c.is_ascii_digit())) {
            bail!("no number is typed; a bound has a selector");
        }
        Ok(argued)
    }
}

impl BoundEntry {
    fn bound(&self) -> Result<Bound> {
        let language = language(&self.language)?;
        if self.what.trim().is_empty() || self.what.contains(acts) {
            bail!("bound: it says what it is, in a line");
        }
        let (experiment, selector) =
            self.selector.split_once(':').context("bound: a selector is `experiment: a.b`")?;
        Ok(Bound {
            language,
            what: self.what.clone(),
            experiment: experiment.trim().to_owned(),
            expression: Expression::parse(selector)?,
        })
    }
}

/// `rust` or `python`.
///
/// # Errors
/// When it is neither.
pub fn language(text: &str) -> Result<Language> {
    let found = Language::ALL.into_iter().find(|language| language.id() == text);
    found.ok_or_else(|| {
        let known = Language::ALL.map(Language::id);
        let said = format!("`{}` is neither {}", plain(text), known.join(" nor "));
        Unknown::new(said, text, known).into()
    })
}

/// `5ms`, `1.5 s`, `2 min`, in nanoseconds; a zero needs no unit.
///
/// # Errors
/// When it is not a duration.
pub fn time(text: &str) -> Result<f64> {
    let text = text.trim();
    if text == "0" {
        return Ok(0.0);
    }
    match humantime::parse_duration(text) {
        Ok(duration) => Ok(duration.as_nanos() as f64),
        Err(_) => bail!("`{}` is not a duration; write 5ms, 1.5s, 200us or 2min", plain(text)),
    }
}

/// `1kB`, `64 KiB`, `1.5 MB`, in bytes; one without a unit is of bytes.
///
/// # Errors
/// When it is not a size.
pub fn size(text: &str) -> Result<f64> {
    match text.trim().parse::<ByteSize>() {
        Ok(size) => Ok(size.as_u64() as f64),
        Err(_) => bail!("`{}` is not a size; write 100B, 1kB, 64KiB or 1.5MB", plain(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPUTED: &str = "[[job]]\nid = 'a'\nname = 'a job'\nwords = 'w'\nitems = 9\n\
                            cpu = '5 ms'\nwait = '1.5s'\nat-once = 3\nbytes-in = '2 kB'\n";
    const ARGUED: &str = "[[job]]\nid = 'b'\nname = 'b'\nwords = 'w'\nrust = 'r'\n\
                          python = 'p'\nbecause = 'so'\nfield = 'who'\n\
                          link = 'https://example.org/'\n[[job.bound]]\nlanguage = 'rust'\n\
                          what = 'late'\nselector = 'demo: chain/threads.wall'\n";

    #[test]
    fn a_job_is_computed_of_numbers_or_argued() {
        let jobs = Jobs::parse(&format!("{COMPUTED}{ARGUED}")).unwrap().all;
        let Decided::Computed(job) = &jobs[0].decided else { panic!("{jobs:?}") };
        let numbers = (job.items, job.cpu_ns, job.wait_ns, job.at_once, job.bytes_in);
        assert_eq!(numbers, (9.0, 5e6, 1.5e9, 3.0, 2000.0));
        let Decided::Argued(argued) = &jobs[1].decided else { panic!("{jobs:?}") };
        assert_eq!(argued.bounds[0].experiment, "demo");
    }

    #[test]
    fn a_mistake_is_told_with_its_line_and_how_to_mend_it() {
        let two = |second: String| format!("{COMPUTED}{second}");
        let with = |old: &str, new: &str| COMPUTED.replacen(old, new, 1);
        let argued = |old: &str, new: &str| ARGUED.replacen(old, new, 1);
        for (text, says) in [
            (two(COMPUTED.into()), "10: the job `a` is there twice"),
            (with("5 ms", "5"), "1: the job `a`: cpu: `5` is not a duration; write 5ms"),
            (with("5 ms", "5 parsecs"), "is not a duration"),
            (with("5 ms", "-1ms"), "is not a duration"),
            (with("2 kB", "2 apples"), "bytes-in: `2 apples` is not a size; write 100B"),
            (with("items = 9", "items = 0"), "items is 0, and can be from 1"),
            (with("items = 9", "items = nan"), "items is NaN"),
            (with("items = 9\n", ""), "`items` is missing"),
            (with("at-once", "at_once"), "unknown field `at_once`"),
            (with("id = 'a'", "id = 'A b'"), "id: it has small letters"),
            (with("'a job'", "\"a\\nb\""), "more than a line"),
            (argued("because", "items = 1\nbecause"), "and not both"),
            (argued("python = 'p'\n", ""), "`python` is missing"),
            (argued("https:", "http:"), "begins with https"),
            (argued("'so'", "'so, by 5 ms'"), "no number is typed"),
            (argued("language = 'rust'", "language = 'rusty'"), "did you mean `rust`?"),
            (argued("demo: ", ""), "`experiment: a.b`"),
        ] {
            let said = format!("{:#}", Jobs::parse(&text).unwrap_err());
            assert!(said.contains(says) && !said.contains('\n'), "{says}: {said}");
        }
    }

    #[test]
    fn durations_and_sizes_are_read_as_people_write_them() {
        for (text, ns) in [("0", 0.0), ("5ms", 5e6), ("0.5 ms", 5e5), ("200us", 2e5)] {
            assert_eq!(time(text).unwrap(), ns, "{text}");
        }
        assert_eq!(time("2min").unwrap(), 120e9);
        for (text, bytes) in [("0", 0.0), ("10", 10.0), ("1kB", 1e3), ("1 KiB", 1024.0)] {
            assert_eq!(size(text).unwrap(), bytes, "{text}");
        }
        assert_eq!(size("1.5MB").unwrap(), 1.5e6);
    }
}
