//! What is to be measured, and what remains of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
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
    /// Three rounds, no waiting for a quiet machine: good for trying.
    #[arg(long)]
    pub quick: bool,
    /// Rounds to keep of each experiment.
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
    pub(super) load_before: Option<f64>,
}

/// What remains to be measured, kept in a file so that an interrupted measurement can go on.
#[derive(Serialize, Deserialize)]
pub(super) struct Remaining {
    pub(super) options: Options,
    pub(super) experiments: Vec<String>,
}

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
        } else if options.experiments.is_empty() {
            Remaining { options, experiments: known.keys().cloned().collect() }
        } else {
            Remaining { experiments: options.experiments.clone(), options }
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

    /// Notes it; nothing is noted once nothing remains.
    pub(super) fn save(&self, project: &Project) -> Result<()> {
        let note = note(project);
        if self.experiments.is_empty() {
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
