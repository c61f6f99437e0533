//! `cargo book measure`: builds the examples, interleaves Rust with its Python peers, and
//! writes a record as soon as an experiment is finished.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, anyhow, bail};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use lab::noise::{self, Listen};
use lab::rounds::{self, Failure, Lane, Measured, Observer, Plan, Progress, Runner, Stopped};
use serde::{Deserialize, Serialize};

use crate::bench;
use crate::book::{Project, is_bench};
use crate::near::nearest;
use crate::python::{self, Interpreter};
use crate::record::{
    FORMAT, LOCAL, Machine, Method, Record, Rounds, RunnerInfo, Samples, Variant, Warning,
};
use crate::runner::{ChildRunner, Listing, peer};

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

const ROUNDS: u32 = 25;
const BUDGET: Duration = Duration::from_secs(6 * 60);

/// What is left to do, kept in a file so that an interrupted measurement can go on.
#[derive(Serialize, Deserialize)]
struct Left {
    options: Options,
    experiments: Vec<String>,
}

/// Measures, and writes the records.
///
/// # Errors
/// When an experiment does not build, gives a wrong answer, or was interrupted. What was
/// finished before is kept.
pub fn measure(project: &Project, mut options: Options) -> Result<()> {
    let note = project.root.join("target/press/measuring.json");
    let known = project.experiments()?;
    let mut left: Vec<String> = if options.go_on {
        let text = fs::read_to_string(&note)
            .context("no measurement was interrupted; nothing to continue")?;
        let left: Left = serde_json::from_str(&text)
            .with_context(|| format!("{} is damaged; remove it", note.display()))?;
        options = left.options;
        left.experiments
    } else if options.experiments.is_empty() {
        known.keys().cloned().collect()
    } else {
        options.experiments.clone()
    };
    for name in &left {
        if !known.contains_key(name) {
            let near = nearest(name, known.keys().map(String::as_str));
            bail!("no experiment is called `{name}`{near}");
        }
    }
    let machine = options.machine.clone().unwrap_or_else(|| LOCAL.into());
    if machine.is_empty() || !machine.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        bail!("--as takes letters, digits and dashes, not `{machine}`");
    }
    let folder = project.results_folder().join(&machine);

    let stop = Arc::new(AtomicBool::new(false));
    let heard = Arc::clone(&stop);
    // The second Ctrl-C does not wait for the running variant.
    ctrlc::set_handler(move || {
        if heard.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        eprintln!("\nstopping after the running variant; what is finished is kept");
    })
    .ok();

    let mut builder = Builder::new(project)?;
    let examples: BTreeMap<String, PathBuf> = left
        .iter()
        .filter(|name| !is_bench(&known[*name]))
        .map(|name| Ok((name.clone(), builder.build(name)?)))
        .collect::<Result<_>>()?;
    // Now, since what is built is what is measured, whatever is edited meanwhile.
    let sources = commit(&project.root);
    let pythons = match options.no_python {
        true => Vec::new(),
        false => python::chosen(&project.root, &options.python)?,
    };
    if pythons.is_empty() && !options.no_python {
        eprintln!("no python3 or python on the path: only Rust is measured");
    }
    let bars = MultiProgress::new();
    let all = left.len();
    while let Some(name) = left.first().cloned() {
        save(&note, &Left { options: options.clone(), experiments: left.clone() })?;
        let job = Job {
            project,
            options: &options,
            name: &name,
            example: examples.get(&name).map_or(Path::new(""), PathBuf::as_path),
            target: &builder.target,
            script: known[&name].with_extension("py"),
            pythons: &pythons,
            sources: &sources,
            load_before: lab::os::load(),
        };
        let bar = bars.add(bar(&name, all - left.len() + 1, all));
        let measured =
            if is_bench(&known[&name]) { job.bench(&bar) } else { job.run(&bar, &stop) };
        bar.finish_and_clear();
        let mut record = match measured {
            Ok(record) => record,
            Err(e) if stop.load(Ordering::Relaxed) => {
                return Err(e.context(format!(
                    "{name} was not finished; `cargo book measure --continue` goes on with it"
                )));
            }
            Err(e) => return Err(e.context(format!("{name}: nothing was recorded"))),
        };
        let path = record.write(&folder)?;
        let shown = path.strip_prefix(&project.root).unwrap_or(&path);
        bars.suspend(|| {
            let (rounds, variants) = (record.rounds.kept, record.variants.len());
            println!("{}: {rounds} rounds, {variants} variants", shown.display());
            for warning in &record.warnings {
                println!("  ! {}: {}", warning.kind, warning.text);
            }
        });
        left.remove(0);
    }
    fs::remove_file(&note).ok();
    println!("Now `cargo book build` puts these numbers on the pages.");
    Ok(())
}

fn save(path: &Path, left: &Left) -> Result<()> {
    fs::create_dir_all(path.parent().context("a path has a parent")?)?;
    let half = path.with_extension("half");
    fs::write(&half, serde_json::to_vec(left)?)?;
    fs::rename(half, path)?;
    Ok(())
}

fn bar(name: &str, i: usize, all: usize) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{prefix} {bar:24} {pos:>3}/{len} {msg} {elapsed}")
            .expect("a template")
            .progress_chars("━╸ ");
    let bar = ProgressBar::new(1).with_style(style).with_prefix(format!("[{i}/{all}] {name}"));
    bar.enable_steady_tick(Duration::from_secs(1));
    bar
}

/// One experiment to be measured.
struct Job<'a> {
    project: &'a Project,
    options: &'a Options,
    name: &'a str,
    example: &'a Path,
    target: &'a Path,
    script: PathBuf,
    pythons: &'a [Interpreter],
    sources: &'a (Option<String>, bool),
    load_before: Option<f64>,
}

impl Job<'_> {
    fn run(&self, bar: &ProgressBar, stop: &Arc<AtomicBool>) -> Result<Record> {
        let mut warnings = Vec::new();
        let warn = |kind: &str, text: String| Warning { kind: kind.into(), text };
        let threads = self.options.threads.map(|threads| threads.to_string());
        let arguments = |command: &mut Command| {
            command.arg("--runner");
            if let Some(threads) = &threads {
                command.args(["--threads", threads]);
            }
            if self.options.quick {
                command.arg("--quick");
            }
        };
        let limit = Duration::from_secs(self.options.limit_s);
        let mut rust = Command::new(self.example);
        rust.current_dir(&self.project.root);
        arguments(&mut rust);
        let mut runners = vec![ChildRunner::start("rust", rust, limit).map_err(lost)?];
        let mut listings = vec![runners[0].list().map_err(lost)?];
        let has_peer = self.project.root.join(&self.script).is_file();
        if has_peer && self.pythons.is_empty() && !self.options.no_python {
            let text = "no Python on the path, so only Rust was measured; install Python 3 or \
                        name one with --python";
            warnings.push(warn("python", text.into()));
        }
        for found in self.pythons.iter().filter(|_| has_peer) {
            let mut command = peer(found, &self.project.root, &self.script, self.example);
            arguments(&mut command);
            let started =
                ChildRunner::start(&found.name, command, limit).and_then(|mut child| {
                    let listing = child.list()?;
                    Ok((child, listing))
                });
            match started {
                Ok((child, listing)) => {
                    runners.push(child);
                    listings.push(listing);
                }
                Err(failure) => warnings.push(warn("runner", reason(failure))),
            }
        }
        let lanes = lanes(&listings);
        let quick = self.options.quick;
        if !quick {
            bar.set_message("waiting for a quiet machine");
            if !noise::wait_for_quiet(Duration::from_secs(60)) {
                let text = "the machine was busy with other work for a minute before the start; \
                            close it and measure again";
                warnings.push(warn("noisy", text.into()));
            }
        }
        let plan = Plan {
            rounds: self.options.rounds.unwrap_or(if quick { 3 } else { ROUNDS }) as usize,
            budget: if self.options.rounds.is_some() { Duration::MAX } else { BUDGET },
            least: if quick { 1 } else { 5 },
            block: Duration::from_secs(1),
        };
        let mut listener: Box<dyn Listen> =
            if quick { Box::new(noise::Ignore) } else { Box::new(noise::Machine::new()) };
        let mut observer = Watching { bar, stop };
        let mut speakers: Vec<&mut dyn Runner> =
            runners.iter_mut().map(|runner| runner as &mut dyn Runner).collect();
        let measured =
            rounds::measure(&mut speakers, &lanes, plan, &mut *listener, &mut observer)
                .map_err(|stopped| match stopped {
                    Stopped::Interrupted => anyhow!("interrupted"),
                    Stopped::Wrong(text) => anyhow!("{text}"),
                })?;
        warnings.extend(self.judge(&measured, &lanes, &runners, quick));
        Ok(self.record(&listings, &lanes, &runners, measured, warnings))
    }

    /// Has Criterion measure it.
    fn bench(&self, bar: &ProgressBar) -> Result<Record> {
        let quick = self.options.quick;
        let mut warnings = Vec::new();
        if quick {
            warnings.push(Warning {
                kind: "quick".into(),
                text: "a short run: good for trying".into(),
            });
        }
        bar.set_message("Criterion");
        if !quick {
            noise::wait_for_quiet(Duration::from_secs(60));
        }
        let mut listener = noise::Machine::new();
        let variants = bench::run(&self.project.root, self.target, self.name, quick)?;
        let noise = listener.listen();
        if noise.is_some_and(|noise| noise.foreign > noise::FOREIGN_LIMIT) && !quick {
            let text = "other work used the machine; close it and measure again";
            warnings.push(Warning { kind: "noisy".into(), text: text.into() });
        }
        let rust = RunnerInfo {
            name: "rust".into(),
            implementation: "rustc".into(),
            version: lab::RUSTC.into(),
            profile: "bench".into(),
            gil: None,
        };
        let kept = variants[0].samples.wall_ns.len();
        let measured = Measured {
            rounds: kept,
            noise: noise.into_iter().collect(),
            ..Measured::default()
        };
        let question =
            bench::question(&self.project.root.join(self.script.with_extension("rs")))?;
        let record = self.frame(question, "none".into(), 1, &measured);
        Ok(Record {
            method: Method::Criterion,
            runners: vec![rust],
            variants,
            warnings,
            ..record
        })
    }

    fn judge(
        &self,
        measured: &Measured,
        lanes: &[Lane],
        runners: &[ChildRunner],
        quick: bool,
    ) -> Vec<Warning> {
        let mut warnings = Vec::new();
        let mut warn = |kind: &str, text: String| {
            let warning = Warning { kind: kind.into(), text };
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        };
        if quick {
            warn("quick", format!("{} rounds only: good for trying", measured.rounds));
        }
        if lab::UNOPTIMIZED {
            warn("unoptimized", "built without the optimizer: its times mean nothing".into());
        }
        let here = lab::os::machine();
        let workers = self.options.threads.unwrap_or(here.hardware_threads);
        if workers > here.hardware_threads {
            let text =
                format!("{workers} workers share {} hardware threads", here.hardware_threads);
            warn("workers", text);
        }
        if measured.noisy > 0 {
            let text = format!(
                "other work used the machine in {} of {} rounds; close it and measure again",
                measured.noisy, measured.rounds
            );
            warn("noisy", text);
        }
        let drifting: Vec<String> = lanes
            .iter()
            .zip(&measured.outcomes)
            .filter_map(|(lane, outcome)| {
                let drift = drift(&outcome.samples)?;
                let name = format!("{}/{}", runners[lane.runner].name(), lane.variant);
                (drift.abs() > UNSTABLE).then(|| format!("{name} by {:+.0} %", drift * 100.0))
            })
            .collect();
        if !drifting.is_empty() && !quick {
            let text = format!(
                "the second half of the rounds differs from the first: {}; measure again on a \
                 machine that has been idle for some minutes",
                drifting.join(", ")
            );
            warn("unstable", text);
        }
        for (lane, outcome) in lanes.iter().zip(&measured.outcomes) {
            if let Some(dropped) = &outcome.dropped {
                warn("runner", format!("{} left out: {dropped}", runners[lane.runner].name()));
            }
        }
        warnings
    }

    fn record(
        &self,
        listings: &[Listing],
        lanes: &[Lane],
        runners: &[ChildRunner],
        mut measured: Measured,
        warnings: Vec<Warning>,
    ) -> Record {
        let outcomes = std::mem::take(&mut measured.outcomes);
        let summary = measured;
        let mut variants = Vec::new();
        let mut all = listings.iter().flat_map(|listing| &listing.variants);
        for (lane, outcome) in lanes.iter().zip(outcomes) {
            let listed = all.next().expect("a lane for each variant listed");
            if outcome.dropped.is_some() || outcome.samples.is_empty() {
                continue;
            }
            let mut answers: BTreeMap<String, u32> = BTreeMap::new();
            for sample in &outcome.samples {
                *answers.entry(sample.answer.clone()).or_default() += 1;
            }
            let list = |f: &dyn Fn(&lab::Sample) -> Option<u64>| {
                outcome.samples.iter().map(f).collect::<Option<Vec<u64>>>()
            };
            let names = outcome.samples[0].metrics.keys();
            let metrics = names.filter_map(|name| {
                let values = outcome.samples.iter().map(|s| s.metrics.get(name).copied());
                Some((name.clone(), values.collect::<Option<Vec<f64>>>()?))
            });
            variants.push(Variant {
                runner: runners[lane.runner].name().to_owned(),
                case: listed.case.clone(),
                case_label: listed.case_label.clone(),
                name: listed.name.clone(),
                label: listed.label.clone(),
                kind: listed.kind,
                observed: listed.observed,
                threads: outcome.threads,
                answers,
                samples: Samples {
                    wall_ns: outcome.samples.iter().map(|s| s.wall_ns).collect(),
                    cpu_ns: list(&|s| s.counters.cpu_ns),
                    voluntary: list(&|s| s.counters.voluntary),
                    involuntary: list(&|s| s.counters.involuntary),
                    peak_bytes: list(&|s| s.peak_bytes),
                    metrics: metrics.collect(),
                },
                timeline: runners[lane.runner].timeline(&lane.variant),
            });
        }
        let used = |name: &str| variants.iter().any(|variant| variant.runner == name);
        let runners = listings
            .iter()
            .zip(runners)
            .filter(|(_, runner)| used(runner.name()))
            .map(|(listing, runner)| RunnerInfo {
                name: runner.name().to_owned(),
                implementation: listing.implementation.clone(),
                version: listing.version.clone(),
                profile: listing.profile.clone(),
                gil: listing.gil,
            })
            .collect();
        let first = &listings[0];
        let record =
            self.frame(first.question.clone(), first.baseline.clone(), first.threads, &summary);
        Record { runners, variants, warnings, ..record }
    }

    /// What every record says of where, when and how.
    fn frame(
        &self,
        question: String,
        baseline: String,
        threads: u32,
        measured: &Measured,
    ) -> Record {
        let (commit, modified) = self.sources.clone();
        // Six digits of a share are more than the clock behind it has.
        let shares = |f: &dyn Fn(&noise::Noise) -> f64| -> Vec<f64> {
            measured.noise.iter().map(|n| (f(n) * 1e6).round() / 1e6).collect()
        };
        Record {
            format: FORMAT,
            experiment: self.name.to_owned(),
            question,
            baseline,
            method: Method::Rounds,
            date: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
            commit,
            modified,
            quick: self.options.quick,
            threads,
            machine: Machine::here(),
            rounds: Rounds {
                kept: measured.rounds as u32,
                rejected: measured.rejected as u32,
                noisy: measured.noisy as u32,
                foreign: shares(&|n| n.foreign),
                stolen: shares(&|n| n.stolen),
                pressure: shares(&|n| n.pressure),
                load: self.load_before.zip(lab::os::load()),
            },
            runners: Vec::new(),
            variants: Vec::new(),
            warnings: Vec::new(),
            seal: String::new(),
        }
    }
}

/// Rust's lanes first: its answers are the ones to agree with. Lanes keep the order of the
/// listings, so that a record's variants do.
fn lanes(listings: &[Listing]) -> Vec<Lane> {
    let mut lanes = Vec::new();
    for (runner, listing) in listings.iter().enumerate() {
        for variant in &listing.variants {
            lanes.push(Lane {
                runner,
                variant: variant.id(),
                group: (!variant.observed).then(|| variant.case.clone().unwrap_or_default()),
            });
        }
    }
    lanes
}

/// A variant whose median time moves by more than this between the two halves of a run was
/// measured on a machine that changed meanwhile.
const UNSTABLE: f64 = 0.10;

/// By how much the second half of the rounds was slower than the first. `None` with too few
/// rounds to say, or where single runs differ so much that halves must too.
fn drift(samples: &[lab::Sample]) -> Option<f64> {
    if samples.len() < 10 {
        return None;
    }
    let wall = |samples: &[lab::Sample]| {
        let wall: Vec<f64> = samples.iter().map(|s| s.wall_ns as f64).collect();
        lab::stats::estimate(&wall)
    };
    let (early, late) = samples.split_at(samples.len() / 2);
    let (early, late) = (wall(early)?, wall(late)?);
    let apart = early.high < late.low || late.high < early.low;
    apart.then(|| late.median / early.median - 1.0)
}

fn reason(failure: Failure) -> String {
    match failure {
        Failure::Variant(text) | Failure::Runner(text) => text,
    }
}

fn lost(failure: Failure) -> anyhow::Error {
    anyhow!("{}", reason(failure))
}

struct Watching<'a> {
    bar: &'a ProgressBar,
    stop: &'a AtomicBool,
}

impl Observer for Watching<'_> {
    fn progress(&mut self, progress: Progress<'_>) {
        match progress {
            Progress::Checking(lane) => {
                self.bar.set_message(format!("checking {}", lane.variant))
            }
            Progress::Rounds { kept, wanted, rejected } => {
                self.bar.set_length(wanted as u64);
                self.bar.set_position(kept as u64);
                self.bar.set_message(match rejected {
                    0 => "rounds".to_owned(),
                    n => format!("rounds, {n} too noisy"),
                });
            }
        }
    }

    fn stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// The commit of the sources, and whether what a measurement depends on differs from it.
fn commit(root: &Path) -> (Option<String>, bool) {
    let git = |arguments: &[&str]| {
        let out = Command::new("git").args(arguments).current_dir(root).output().ok()?;
        out.status.success().then(|| String::from_utf8_lossy(&out.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short=10", "HEAD"]);
    let sources = ["status", "--porcelain", "--", "examples", "lab", "press", "Cargo.lock"];
    (commit, git(&sources).is_none_or(|changes| !changes.is_empty()))
}

/// Builds examples with cargo.
struct Builder<'a> {
    project: &'a Project,
    target: PathBuf,
    folder: PathBuf,
}

impl Builder<'_> {
    fn new(project: &Project) -> Result<Builder<'_>> {
        #[derive(Deserialize)]
        struct Metadata {
            target_directory: PathBuf,
        }
        let out = Command::new(cargo())
            .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
            .current_dir(&project.root)
            .output()
            .context("cannot start cargo")?;
        let metadata: Metadata =
            serde_json::from_slice(&out.stdout).context("cargo metadata is not understood")?;
        let target = metadata.target_directory;
        Ok(Builder { project, folder: target.join("debug/examples"), target })
    }

    fn build(&mut self, name: &str) -> Result<PathBuf> {
        let status = Command::new(cargo())
            .args(["build", "--quiet", "--example", name])
            .current_dir(&self.project.root)
            .status()
            .context("cannot start cargo")?;
        if !status.success() {
            bail!("{name} does not build");
        }
        Ok(self.folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
    }
}

fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(wall_ms: impl IntoIterator<Item = u64>) -> Vec<lab::Sample> {
        wall_ms
            .into_iter()
            .map(|ms| lab::Sample { wall_ns: ms * 1_000_000, ..lab::Sample::default() })
            .collect()
    }

    #[test]
    fn a_machine_that_slows_down_half_way_is_noticed() {
        let slowing = samples((0..20).map(|i| if i < 10 { 100 + i % 3 } else { 120 + i % 3 }));
        assert!((drift(&slowing).unwrap() - 0.198).abs() < 0.01);
    }

    #[test]
    fn noise_is_no_drift_and_few_rounds_tell_nothing() {
        assert_eq!(drift(&samples((0..20).map(|i| 100 + 30 * (i % 2)))), None);
        assert_eq!(drift(&samples([100, 100, 200, 200])), None);
    }
}
