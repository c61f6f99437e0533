//! What is to be measured, and what remains of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use lab::known::{self, Known, PARTS};
use lab::os::Machine;
use serde::{Deserialize, Serialize};

use crate::ask::near::Unknown;
use crate::outside::ending::{self, wait_for_quiet};
use crate::outside::git::Commit;
use crate::outside::interpreters::Interpreter;
use crate::outside::project::Project;
use crate::store::results::LOCAL;
use crate::store::seal::sha256;

/// What to measure, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::Args)]
pub struct Options {
    /// Experiments; all when none is named.
    pub experiments: Vec<String>,
    /// One sitting of three rounds, no waiting for a quiet machine: good for trying.
    #[arg(long)]
    pub quick: bool,
    /// Sittings of each experiment: each starts fresh processes, after the others had theirs.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=99))]
    pub sittings: Option<u32>,
    /// Add to the records there are, where sources, tools and machine are the same.
    #[arg(long)]
    pub add: bool,
    /// Draw the order of the first sitting's rounds as the sitting did that has this seed.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Rounds to keep of each experiment, in each sitting.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub rounds: Option<u32>,
    /// Workers of each variant; the hardware threads unless told.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub threads: Option<u32>,
    /// Write to `results/NAME` instead of `results/local`.
    #[arg(long = "as", value_name = "NAME")]
    pub machine: Option<String>,
    /// Interpreters to measure beside Rust: `all`, names from `cargo book python`, or paths.
    #[arg(long, value_name = "NAME|PATH", value_delimiter = ',')]
    pub python: Vec<String>,
    /// Only Rust.
    #[arg(long, conflicts_with = "python")]
    pub no_python: bool,
    /// Seconds that one run of one variant may take before its runner counts as hung.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 120,
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    pub limit_s: u64,
    /// Go on with the measurement that was interrupted, as it was begun.
    #[arg(long = "continue", conflicts_with_all = AS_BEGUN)]
    #[serde(skip)]
    pub go_on: bool,
}

/// What a measurement that goes on has been told already. Told otherwise, half of its sittings
/// would be of another kind.
const AS_BEGUN: [&str; 11] = [
    "experiments",
    "quick",
    "sittings",
    "add",
    "seed",
    "rounds",
    "threads",
    "machine",
    "python",
    "no_python",
    "limit_s",
];

/// One experiment to be measured.
pub(super) struct Job<'a> {
    pub(super) project: &'a Project,
    pub(super) options: &'a Options,
    pub(super) name: &'a str,
    /// Its Rust file, below the root.
    pub(super) source: &'a Path,
    pub(super) pythons: &'a [Interpreter],
    pub(super) commit: &'a Commit,
    pub(super) here: &'a Here,
    /// Digests of what it is built from.
    pub(super) sources: BTreeMap<String, String>,
    /// Of the crates that its chapter asks for.
    pub(super) packages: BTreeMap<String, String>,
    /// What the order of the rounds is drawn with.
    pub(super) seed: u64,
    pub(super) load_before: Option<f64>,
}

/// What is so of the machine while one sitting lasts.
#[derive(Clone, Debug, Default)]
pub(super) struct Here {
    pub(super) machine: Machine,
    pub(super) known: BTreeMap<String, f64>,
    pub(super) state: BTreeMap<String, String>,
}

impl Here {
    /// Looks at the machine, once it is quiet: on a busy one the known answers are others.
    /// A quick look leaves them out.
    ///
    /// # Errors
    /// When a signal asks for the end.
    pub(super) fn look(quick: bool) -> Result<Here> {
        let known = match quick {
            true => Known::default(),
            false => {
                wait_for_quiet(Duration::from_secs(60));
                ending::check()?;
                Known::measure()
            }
        };
        let of = |part: &known::Part| Some((part.name.to_owned(), part.of(&known)?));
        Ok(Here {
            machine: lab::os::machine(),
            known: PARTS.iter().filter_map(of).collect(),
            state: lab::os::provenance().into_iter().collect(),
        })
    }
}

/// What remains to be measured, kept in a file so that an interrupted measurement can go on.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Remaining {
    pub(super) options: Options,
    /// Of every sitting.
    pub(super) experiments: Vec<String>,
    /// The sitting that is being measured, from 0.
    pub(super) sitting: u32,
    /// What this sitting has left.
    pub(super) left: Vec<String>,
    /// What is not measured any more, and why.
    #[serde(default)]
    pub(super) failed: BTreeMap<String, String>,
    /// The digest of the first one's record before this sitting, once that has begun; empty
    /// where there is no record. By it a sitting is known that was recorded and not noted.
    #[serde(default)]
    before: Option<String>,
}

/// Sittings of an experiment, unless told: the fewest whose spread says anything.
const SITTINGS: u32 = 3;

fn note(project: &Project) -> PathBuf {
    project.root.join("target/press/measuring.json")
}

impl Remaining {
    /// What the options ask for, or what an interrupted measurement has left, of the
    /// experiments that are `known`.
    ///
    /// # Errors
    /// When there is nothing to go on with, or an experiment that nobody knows.
    pub(super) fn new(
        project: &Project,
        options: Options,
        known: &BTreeMap<String, PathBuf>,
    ) -> Result<Remaining> {
        let remaining = match options.go_on {
            true => Remaining::noted(project)?
                .context("no measurement was interrupted; nothing to continue")?,
            false => Remaining::of(options, known),
        };
        for name in &remaining.experiments {
            if !known.contains_key(name) {
                let text = format!("no experiment is called `{name}`");
                bail!(Unknown::new(text, name, known.keys().map(String::as_str)));
            }
        }
        Ok(remaining)
    }

    fn of(options: Options, known: &BTreeMap<String, PathBuf>) -> Remaining {
        let mut experiments: Vec<String> = Vec::new();
        for name in match options.experiments.as_slice() {
            [] => known.keys().collect::<Vec<_>>(),
            named => named.iter().collect(),
        } {
            if !experiments.contains(name) {
                experiments.push(name.clone());
            }
        }
        let left = experiments.clone();
        let (failed, before) = (BTreeMap::new(), None);
        Remaining { options, experiments, sitting: 0, left, failed, before }
    }

    /// What an interrupted measurement has left, if one was.
    ///
    /// # Errors
    /// When that cannot be read.
    pub(super) fn noted(project: &Project) -> Result<Option<Remaining>> {
        let note = note(project);
        if !note.is_file() {
            return Ok(None);
        }
        let read =
            || -> Result<Remaining> { Ok(serde_json::from_str(&fs::read_to_string(&note)?)?) };
        let damaged = || format!("{} is damaged; remove it and measure anew", note.display());
        read().with_context(damaged).map(Some)
    }

    /// Where the records go.
    pub(super) fn folder(&self, project: &Project) -> Result<PathBuf> {
        let machine = self.options.machine.as_deref().unwrap_or(LOCAL);
        if machine.is_empty() || !machine.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        {
            bail!("--as takes letters, digits and dashes, not `{machine}`");
        }
        Ok(project.results_folder().join(machine))
    }

    /// How many sittings there are to be.
    pub(super) fn sittings(&self) -> u32 {
        self.options.sittings.unwrap_or(if self.options.quick { 1 } else { SITTINGS })
    }

    /// Whether what comes next is a new record's first sitting.
    pub(super) fn begins_anew(&self) -> bool {
        self.sitting == 0 && !self.options.add
    }

    /// How many sittings of single experiments are to come.
    pub(super) fn sittings_left(&self) -> usize {
        let after = self.sittings().saturating_sub(self.sitting + 1) as usize;
        self.left.len() + after * self.experiments.len()
    }

    /// What is next, and how far that is.
    pub(super) fn title(&self) -> String {
        let (all, sittings) = (self.experiments.len(), self.sittings());
        let (at, name) = (all - self.left.len() + 1, &self.left[0]);
        match sittings {
            1 => format!("[{at}/{all}] {name}"),
            _ => format!("[{}/{sittings}, {at}/{all}] {name}", self.sitting + 1),
        }
    }

    /// Begins the sitting of the first that is left, whose record is the file `path`. `false`
    /// where it was recorded already, and only the note of it was not written any more.
    ///
    /// # Errors
    /// When it cannot be noted.
    pub(super) fn begin(&mut self, project: &Project, path: &Path) -> Result<bool> {
        let now = fs::read(path).map_or_else(|_| String::new(), |bytes| sha256(&bytes));
        if self.before.as_ref().is_some_and(|before| *before != now) {
            return Ok(false);
        }
        self.before = Some(now);
        self.save(project)?;
        Ok(true)
    }

    /// One sitting of one experiment is done.
    pub(super) fn done(&mut self) {
        self.left.remove(0);
        self.before = None;
        self.next_sitting();
    }

    /// `name` has no sitting, and is to have none any more; the others go on.
    pub(super) fn fail(&mut self, name: &str, why: String) {
        if self.left.first().is_some_and(|first| first == name) {
            self.before = None;
        }
        self.left.retain(|other| other != name);
        self.experiments.retain(|other| other != name);
        self.failed.insert(name.to_owned(), why);
        self.next_sitting();
    }

    fn next_sitting(&mut self) {
        if self.left.is_empty() {
            self.sitting += 1;
            if self.sitting < self.sittings() {
                self.left.clone_from(&self.experiments);
            }
        }
    }

    /// Notes it; nothing is noted once nothing remains.
    ///
    /// # Errors
    /// When that cannot be written.
    pub(super) fn save(&self, project: &Project) -> Result<()> {
        let note = note(project);
        if self.left.is_empty() {
            fs::remove_file(&note).ok();
            return Ok(());
        }
        let save = || -> Result<()> {
            fs::create_dir_all(note.parent().expect("it lies in a folder"))?;
            let half = note.with_extension("half");
            fs::write(&half, serde_json::to_vec(self)?)?;
            fs::rename(half, &note)?;
            Ok(())
        };
        save().with_context(|| {
            format!("cannot note in {} what remains to be measured", note.display())
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Args;

    use super::*;

    fn of(options: Options) -> Remaining {
        let known = ["a", "b"].map(|name| (name.to_owned(), PathBuf::new()));
        Remaining::of(options, &BTreeMap::from(known))
    }

    #[test]
    fn every_experiment_has_a_sitting_before_one_has_its_next() {
        let mut remaining = of(Options { sittings: Some(2), ..Options::default() });
        let mut titles = Vec::new();
        let mut anew = Vec::new();
        while !remaining.left.is_empty() {
            titles.push(remaining.title());
            anew.push(remaining.begins_anew());
            remaining.done();
        }
        assert_eq!(titles, ["[1/2, 1/2] a", "[1/2, 2/2] b", "[2/2, 1/2] a", "[2/2, 2/2] b"]);
        assert_eq!(anew, [true, true, false, false], "the second sitting joins the first");
    }

    #[test]
    fn sittings_that_are_added_never_begin_a_record_anew() {
        assert!(!of(Options { add: true, ..Options::default() }).begins_anew());
        assert_eq!(of(Options::default()).sittings(), SITTINGS);
        assert_eq!(of(Options { quick: true, ..Options::default() }).sittings(), 1);
    }

    #[test]
    fn what_goes_on_is_told_nothing_else_and_the_option_that_says_otherwise_is_named() {
        let command = || Options::augment_args(clap::Command::new("measure"));
        let with = |words: &[&str]| {
            let words = ["measure", "--continue"].iter().chain(words);
            command().try_get_matches_from(words).map_err(|e| e.to_string())
        };
        with(&[]).unwrap();
        for argument in command().get_arguments().filter(|one| one.get_id() != "go_on") {
            let name = argument.get_long().map(|long| format!("--{long}"));
            let takes_value = argument.get_action().takes_values();
            let words: Vec<&str> =
                name.as_deref().into_iter().chain(takes_value.then_some("3")).collect();
            let said = with(&words).expect_err(argument.get_id().as_str());
            let named = name.unwrap_or("[EXPERIMENTS]".into());
            assert!(said.contains("'--continue' cannot be used with"), "{said}");
            assert!(said.contains(&named), "{said}");
        }
    }

    #[test]
    fn what_fails_is_left_out_of_later_sittings_and_the_others_are_not() {
        let mut remaining = of(Options { sittings: Some(2), ..Options::default() });
        assert_eq!(remaining.sittings_left(), 4);
        remaining.fail("a", "it is wrong".into());
        assert_eq!(remaining.sittings_left(), 2);
        let mut titles = Vec::new();
        while !remaining.left.is_empty() {
            titles.push(remaining.title());
            remaining.done();
        }
        assert_eq!(titles, ["[1/2, 1/1] b", "[2/2, 1/1] b"]);
        assert_eq!(remaining.failed["a"], "it is wrong");
        let mut all = of(Options::default());
        all.fail("b", String::new());
        all.fail("a", String::new());
        assert!(all.left.is_empty(), "nothing is left to be tried");
    }

    #[test]
    fn a_sitting_that_was_recorded_and_not_noted_is_not_measured_again() {
        let folder = tempfile::tempdir().unwrap();
        let config = "[preprocessor.measured]\nreference = 'here'\n".parse().unwrap();
        let project = Project::with_config(folder.path(), &config).unwrap();
        let record = folder.path().join("a.json");
        for before in [None, Some("one sitting")] {
            if let Some(text) = before {
                fs::write(&record, text).unwrap();
            }
            let mut remaining = of(Options::default());
            assert!(remaining.begin(&project, &record).unwrap());
            let mut killed = Remaining::noted(&project).unwrap().expect("a note");
            assert!(killed.begin(&project, &record).unwrap(), "nothing was recorded");
            fs::write(&record, format!("{before:?} and one more")).unwrap();
            let mut killed = Remaining::noted(&project).unwrap().expect("a note");
            assert!(!killed.begin(&project, &record).unwrap(), "it was recorded");
            killed.done();
            assert!(killed.begin(&project, &record).unwrap(), "the next is another");
        }
    }
}
