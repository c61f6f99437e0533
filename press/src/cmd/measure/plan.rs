//! What is to be measured, and what remains of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use lab::known::{self, Known, PARTS};
use lab::noise;
use lab::os::Machine;
use serde::{Deserialize, Serialize};

use crate::ask::near::Unknown;
use crate::outside::git::Commit;
use crate::outside::interpreters::Interpreter;
use crate::outside::project::Project;
use crate::store::results::LOCAL;

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
    #[arg(long)]
    pub rounds: Option<u32>,
    /// Workers of each variant; the hardware threads unless told.
    #[arg(long)]
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
    #[arg(long, default_value_t = 120)]
    pub limit_s: u64,
    /// Go on with the measurement that was interrupted.
    #[arg(long = "continue", conflicts_with_all = ["experiments", "machine"])]
    #[serde(skip)]
    pub go_on: bool,
}

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
    pub(super) fn look(quick: bool) -> Here {
        let known = match quick {
            true => Known::default(),
            false => {
                noise::wait_for_quiet(Duration::from_secs(60));
                Known::measure()
            }
        };
        let of = |part: &known::Part| Some((part.name.to_owned(), part.of(&known)?));
        Here {
            machine: lab::os::machine(),
            known: PARTS.iter().filter_map(of).collect(),
            state: lab::os::provenance().into_iter().collect(),
        }
    }
}

/// What remains to be measured, kept in a file so that an interrupted measurement can go on.
#[derive(Serialize, Deserialize)]
pub(super) struct Remaining {
    pub(super) options: Options,
    /// Of every sitting.
    pub(super) experiments: Vec<String>,
    /// The sitting that is being measured, from 0.
    pub(super) sitting: u32,
    /// What this sitting has left.
    pub(super) left: Vec<String>,
}

/// Sittings of an experiment, unless told: the fewest whose spread says anything.
const SITTINGS: u32 = 3;

fn note(project: &Project) -> PathBuf {
    project.root.join("target/press/measuring.json")
}

impl Remaining {
    /// What the options ask for, or what an interrupted measurement has left, of the
    /// experiments that are `known`.
    pub(super) fn new(
        project: &Project,
        options: Options,
        known: &BTreeMap<String, PathBuf>,
    ) -> Result<Remaining> {
        let remaining = if options.go_on {
            let note = note(project);
            let text = fs::read_to_string(&note)
                .context("no measurement was interrupted; nothing to continue")?;
            serde_json::from_str(&text)
                .with_context(|| format!("{} is damaged; remove it", note.display()))?
        } else {
            let experiments = match options.experiments.as_slice() {
                [] => known.keys().cloned().collect(),
                named => named.to_vec(),
            };
            Remaining { options, left: experiments.clone(), experiments, sitting: 0 }
        };
        for name in &remaining.experiments {
            if !known.contains_key(name) {
                let text = format!("no experiment is called `{name}`");
                bail!(Unknown::new(text, name, known.keys().map(String::as_str)));
            }
        }
        Ok(remaining)
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

    /// Whether this sitting has all its experiments before it.
    pub(super) fn begins_a_sitting(&self) -> bool {
        self.left.len() == self.experiments.len()
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

    /// One sitting of one experiment is done.
    pub(super) fn done(&mut self) {
        self.left.remove(0);
        if self.left.is_empty() {
            self.sitting += 1;
            if self.sitting < self.sittings() {
                self.left.clone_from(&self.experiments);
            }
        }
    }

    /// Notes it; nothing is noted once nothing remains.
    pub(super) fn save(&self, project: &Project) -> Result<()> {
        let note = note(project);
        if self.left.is_empty() {
            fs::remove_file(&note).ok();
            return Ok(());
        }
        fs::create_dir_all(note.parent().expect("it lies in a folder"))?;
        let half = note.with_extension("half");
        fs::write(&half, serde_json::to_vec(self)?)?;
        fs::rename(half, note)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(options: Options) -> Remaining {
        let experiments = vec!["a".to_owned(), "b".to_owned()];
        Remaining { options, left: experiments.clone(), experiments, sitting: 0 }
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
}
